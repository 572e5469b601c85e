/**
 * Each of these is a bug that somebody might write one day. The oracle must turn red at every one of them, and be green
 * in the same set-up without it; otherwise its green means nothing.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { alterInserts, alterParams, losing, rewriting, unguarded } from './alter-inserts.ts'
import { openPipeline, type PipelineOptions } from './pipeline.ts'
import { judge, runSources } from './run-sources.ts'
import { SeededSource } from './seeded-source.ts'
import { NORTH, NORTH_SHOP } from './shops.ts'

type FoldOrder = typeof import('../../processors/orders/fold-order.ts')['foldOrder']
type ToE4 = typeof import('../../core/contracts/money.ts')['toE4']

/** Set while a mutated pipeline runs, never while the oracle judges it. */
const inPlaceOf = vi.hoisted(() => ({
  foldOrder: undefined as ((fold: FoldOrder) => FoldOrder) | undefined,
  toE4: undefined as ToE4 | undefined,
}))

vi.mock('../../processors/orders/fold-order.ts', async (original) => {
  const { foldOrder } = await original<{ foldOrder: FoldOrder }>()
  const mutated: FoldOrder = (...args) => (inPlaceOf.foldOrder?.(foldOrder) ?? foldOrder)(...args)
  return { foldOrder: mutated }
})
vi.mock('../../core/contracts/money.ts', async (original) => {
  const actual = await original<{ toE4: ToE4 }>()
  return { ...actual, toE4: (text: string) => (inPlaceOf.toE4 ?? actual.toE4)(text) }
})

interface Mutation {
  pipeline?: Partial<PipelineOptions>
  /** A new processor for every batch, so that every before-image comes from the table. */
  forgetting?: boolean
  /** Done to the tables when everything is in them. */
  after?: (database: string) => Promise<void>
}

const SEED = 11
const ORDERS = 24

let engine: TestEngine
let runs = 0
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine.stop())
beforeEach(() => {
  Object.assign(inPlaceOf, { foldOrder: undefined, toE4: undefined })
})

async function run({
  pipeline: more,
  forgetting,
  after,
}: Mutation = {}): Promise<{ said: string[]; database: string }> {
  const database = `mutant_${++runs}`
  const options = { warehouse: engine.warehouse, database, tenants: [NORTH], ...more }
  const source = new SeededSource({ seed: SEED, shop: NORTH_SHOP, orders: ORDERS, shuffleWindow: 15 })
  const pipeline = await openPipeline(options)
  try {
    const settle = forgetting ? pipeline.settleForgetting : pipeline.settle
    const { faults } = await runSources(pipeline, [source], settle)
    await after?.(database)
    Object.assign(inPlaceOf, { foldOrder: undefined, toE4: undefined })
    return { said: [...faults, ...(await judge(pipeline, [source], options))], database }
  } finally {
    await pipeline.dispose()
  }
}

/** The oracle must say each of these things. */
async function mustTurnRed(name: string, mutation: Mutation, sees: readonly RegExp[]): Promise<void> {
  const { said } = await run(mutation)
  const told = sees.map((pattern) => said.find((line) => pattern.test(line)))
  console.log(
    `mutant, ${name}: ${said.length} lines, among them: ${told.map((line) => line?.slice(0, 220)).join(' | ')}`,
  )
  expect(said).not.toEqual([])
  for (const [index, pattern] of sees.entries())
    expect(told[index], `${pattern} in\n${said.join('\n')}`).toBeDefined()
}

const decorated = (decorate: (warehouse: Warehouse) => Warehouse): Mutation => ({ pipeline: { decorate } })
/** Changes one insert, the third: there is something before it and something behind it. */
const third = (alter: Parameters<typeof alterInserts>[1]): Mutation =>
  decorated((warehouse) =>
    alterInserts(warehouse, (insert, send) => (insert.number === 3 ? alter(insert, send) : send(insert))),
  )

describe('the oracle without a mutant', { timeout: 60_000 }, () => {
  it('is green', async () => {
    const { said } = await run()
    console.log(`mutants, control: seed ${SEED}, ${ORDERS} orders: ${said.length} differences`)
    expect(said).toEqual([])
  })

  it('is green with a new processor for every batch', async () => {
    const { said } = await run({ forgetting: true })
    console.log(`mutants, control with a new processor for every batch: ${said.length} differences`)
    expect(said).toEqual([])
  })

  it('is green when decorators alter nothing', async () => {
    const { said } = await run(
      decorated((warehouse) =>
        alterParams(
          losing(
            alterInserts(warehouse, (i, send) => send(i)),
            '0',
          ),
          /x{9}/,
          () => ({}),
        ),
      ),
    )
    expect(said).toEqual([])
  })
})

describe('the oracle turns red when the tables lose, double or move something', { timeout: 60_000 }, () => {
  it('a −1 row is dropped', async () => {
    const row = await someRow('sign = -1 AND net != 0')
    await mustTurnRed(
      'a −1 row dropped',
      decorated((warehouse) => losing(warehouse, row)),
      [/^order_changes: .*off by/, /^headline_v1: .*off by/, /^revisions: /],
    )
  })

  it("a batch's last row is lost", async () => {
    const row = await someRow('sign = 1 AND net != 0', 'offset DESC')
    await mustTurnRed(
      "a batch's last row lost",
      decorated((warehouse) => losing(warehouse, row)),
      [/^order_changes: .*off by/, /^revisions: /, /^marks: .*rows were written/],
    )
  })

  it('a batch is written twice, without its guard', async () => {
    const twice = third(async (insert, send) => {
      await send(insert)
      const options = { ...insert.options, queryId: `${insert.options.queryId}:again` }
      await send({ ...insert, sql: unguarded(insert.sql), options })
    })
    await mustTurnRed('a batch written twice without its guard', twice, [
      /^order_changes: .*off by/,
      /^revisions: /,
      /^marks: .*the mark before ends at|^marks: .*rows were written/,
    ])
  })

  it('a view is skipped', async () => {
    const skip = third(async (insert, send) => {
      const view = `mutant_${runs}.headline_v1_mv`
      await engine.warehouse.command(`DETACH TABLE ${view}`)
      await send(insert).finally(() => attach(view))
    })
    // One partition, for an insert of another one would hold the detached view.
    skip.pipeline!.partitions = 1
    await mustTurnRed('a view skipped', skip, [
      /^headline_v1: .*the books say/,
      /^headline_v1: .*not what order_changes says/,
    ])
  })

  it('a mark is moved', async () => {
    const moved = third((insert, send) =>
      send({ ...insert, sql: rewriting(insert.sql, 'mark_last', 'if(sign = 0, mark_last + 3, mark_last)') }),
    )
    await mustTurnRed('a mark moved', moved, [
      /^pipeline: the processor halted: .*log's bytes/,
      /^marks: .*hash is not/,
    ])
  })

  it('a column is written as a float', async () => {
    const cast = 'arrayMap(x -> toDecimal64(toFloat32(x), 4), booked_amount)'
    const float = decorated((warehouse) =>
      alterInserts(warehouse, (insert, send) =>
        send({ ...insert, sql: rewriting(insert.sql, 'booked_amount', cast) }),
      ),
    )
    await mustTurnRed('booked amounts as floats', float, [/^order_changes: .*off by/, /^net: /])
  })

  it('a cent of drift is injected into a view', async () => {
    const inject = (database: string) =>
      engine.warehouse.command(`INSERT INTO ${database}.headline_v1 (tenant, day, minute, currency, booked_revenue)
        VALUES ('north', '2025-03-30', '2025-03-30 01:30:00', 'EUR', 0.01)`)
    await mustTurnRed('one cent of drift', { after: inject }, [
      /^headline_v1: north\/\* EUR booked 2025-03-30 .*\(off by 0\.01\)/,
      /^headline_v1: tenant=north day=2025-03-30 minute=2025-03-30 01:30:00 currency=EUR: .*booked_revenue off by 0\.01/,
    ])
  })
})

describe('the oracle turns red when the processor reckons wrong', { timeout: 60_000 }, () => {
  it('money is a float', async () => {
    // What everybody writes first: 1.15 becomes 11499 ten-thousandths.
    inPlaceOf.toE4 = (text) => Math.trunc(Number.parseFloat(text) * 10_000)
    await mustTurnRed('money as a float', {}, [/^order_changes: .*off by/, /^state: /])
  })

  it('a refund is ignored', async () => {
    const ignored = someLoneRefund()
    inPlaceOf.foldOrder = (fold) => (before, fact, zone) => {
      const isIt = fact.type === 'order.refund' && fact.refund.id + fact.orderId === ignored
      return isIt ? { row: undefined, reread: false } : fold(before, fact, zone)
    }
    await mustTurnRed('one refund ignored', {}, [
      /^order_changes: .*booked/,
      /^order_changes: .*sale/,
      /^state: /,
    ])
  })

  it('an old snapshot wins', async () => {
    inPlaceOf.foldOrder = (fold) => (before, fact, zone) => {
      const isOld = fact.type === 'order' && before !== undefined && fact.version < before.version
      return fold(before, isOld ? { ...fact, version: before.version + 1 } : fact, zone)
    }
    await mustTurnRed('old snapshots win', {}, [/^order_changes: .*off by/, /^state: .*version/])
  })

  it('days are cut in the wrong zone', async () => {
    const believedTenants = [{ ...NORTH, timeZone: 'UTC' }]
    await mustTurnRed('days cut in the wrong zone', { pipeline: { believedTenants } }, [
      /^order_changes: .* booked /,
      /^order_changes: .* sale /,
      /^state: .*bookedDay/,
    ])
  })

  it('the state is used at another m', async () => {
    // The state of a few records ago: what the batch in between did to an order is forgotten.
    const older = (params: Record<string, unknown>) => ({ ...params, mark: Number(params.mark) - 20 })
    const decorate = (warehouse: Warehouse) =>
      alterParams(warehouse, /LIMIT 1 BY tenant, source, order_id/, older)
    await mustTurnRed('the state at another m', { pipeline: { decorate }, forgetting: true }, [
      /^order_changes: .*off by/,
      /^revisions: /,
    ])
  })
})

/** ClickHouse refuses while a query that began before the detaching still holds the view. */
async function attach(view: string): Promise<void> {
  await vi.waitFor(() => engine.warehouse.command(`ATTACH TABLE IF NOT EXISTS ${view}`), 5_000)
}

/** The id of a refund that came alone to an order that counts in the end, so that both axes need it. */
function someLoneRefund(): string {
  const { lives } = new SeededSource({ seed: SEED, shop: NORTH_SHOP, orders: ORDERS })
  const life = [...lives.values()].find(
    ({ book, refunds, now }) => book.counts && refunds.length > now.refunds.length,
  )
  const inside = new Set(life!.now.refunds.map(({ id }) => id))
  return life!.refunds.find(({ id }) => !inside.has(id))!.id + life!.orderId
}

/** A condition that is true of one row alone, found in the control's table: the same seed gives the same rows. */
async function someRow(where: string, order = 'tenant, source, order_id, revision'): Promise<string> {
  const [row] = await engine.warehouse.query<{ order_id: string; revision: number; sign: number }>(
    `SELECT order_id, revision, sign FROM mutant_1.order_changes WHERE ${where} ORDER BY ${order} LIMIT 1`,
  )
  const id = row!.order_id.replaceAll('\\', '\\\\').replaceAll("'", "\\'")
  return `order_id = '${id}' AND revision = ${row!.revision} AND sign = ${row!.sign}`
}
