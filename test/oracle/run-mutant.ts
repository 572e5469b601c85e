/** One set-up for all mutants: the same seed, the same batches, and the oracle's word on what became of them. */
import { expect } from 'vitest'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { alterInserts } from './alter-inserts.ts'
import { openPipeline, type PipelineOptions } from './pipeline.ts'
import { judge, runSources } from './run-sources.ts'
import { SeededSource } from './seeded-source.ts'
import { NORTH, NORTH_SHOP } from './shops.ts'

export interface Mutation {
  pipeline?: Partial<PipelineOptions>
  /** A new processor for every batch, so that every before-image comes from the table. */
  forgetting?: boolean
  /** Done to the tables when everything is in them, before the oracle looks at them. */
  after?: (database: string) => void | Promise<void>
}

export interface Verdict {
  database: string
  /** Empty is green. */
  said: string[]
}

export const SOURCE = { seed: 11, shop: NORTH_SHOP, orders: 24, shuffleWindow: 15 }
const MAX_SHOWN_CHARS = 220

export async function runMutant(
  warehouse: Warehouse,
  database: string,
  { pipeline: more, forgetting, after }: Mutation = {},
): Promise<Verdict> {
  const options = { warehouse, database, tenants: [NORTH], ...more }
  const source = new SeededSource(SOURCE)
  const pipeline = await openPipeline(options)
  try {
    const settle = forgetting ? pipeline.settleForgetting : pipeline.settle
    const { faults } = await runSources(pipeline, [source], settle)
    await after?.(database)
    return { database, said: [...faults, ...(await judge(pipeline, [source], options))] }
  } finally {
    await pipeline.dispose()
  }
}

/** The oracle must have said each of these things. */
export function expectRed(name: string, { said }: Verdict, sees: readonly RegExp[]): void {
  const told = sees.map((pattern) => said.find((line) => pattern.test(line)))
  const shown = told.map((line) => line?.slice(0, MAX_SHOWN_CHARS)).join(' | ')
  console.log(`mutant, ${name}: ${said.length} lines, among them: ${shown}`)
  expect(said).not.toEqual([])
  for (const [index, pattern] of sees.entries())
    expect(told[index], `${pattern} in\n${said.join('\n')}`).toBeDefined()
}

export function expectGreen(name: string, { said }: Verdict): void {
  console.log(`mutants, ${name}: seed ${SOURCE.seed}, ${SOURCE.orders} orders: ${said.length} differences`)
  expect(said).toEqual([])
}

export function decorated(decorate: (warehouse: Warehouse) => Warehouse): Mutation {
  return { pipeline: { decorate } }
}

/** Changes one insert, the third: there is something before it and something behind it. */
export function onThirdInsert(alter: Parameters<typeof alterInserts>[1]): Mutation {
  return decorated((warehouse) =>
    alterInserts(warehouse, (insert, send) => (insert.number === 3 ? alter(insert, send) : send(insert))),
  )
}
