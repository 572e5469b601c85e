/** Two embedded servers in a data folder, as revwall itself lays them out, and what tests of several servers ask of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import type { Engine } from '../../clickhouse/engine/start-engine.ts'
import { startShards } from '../../clickhouse/engine/start-shards.ts'
import { claimShards } from '../../clickhouse/migrations/claim-shards.ts'
import { v1ViewNames } from '../../clickhouse/queries/v1-views.ts'
import { FIRST_RUN } from '../../clickhouse/runs/run.ts'
import { overShards, shardedWarehouse, shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { type AuditReport, auditAll, isExact } from '../../commands/audit.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { readLastMark } from '../../processors/orders/read-position.ts'
import { waitUntil } from '../cli/wait-until.ts'
import { checkViews } from '../oracle/check-views.ts'
import type { Pipeline } from '../oracle/pipeline.ts'
import { judge } from '../oracle/run-sources.ts'
import type { SeededSource } from '../oracle/seeded-source.ts'
import { NORTH, SOUTH } from '../oracle/shops.ts'

const { database } = FIRST_RUN
const CAUGHT_UP_MS = 60_000
export const TENANTS = [NORTH, SOUTH]

export interface ShardsBed {
  /** A data folder. */
  folder: string
  engine: Engine
  warehouse: Warehouse
  stop(): Promise<void>
}

/** In a new folder, or in one that is there, which is left; servers that are not told yet what they are, to be moved to. */
export async function openShards(given?: string, as: 'told' | 'new' = 'told'): Promise<ShardsBed> {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'revwall-shards-'))
  const engine = await startShards({
    folders: [join(folder, 'clickhouse'), join(folder, 'clickhouse-1')],
    ...{ tenants: TENANTS.map(({ id }) => id), database, tables: v1ViewNames() },
    ...{ overShards: [overShards(database)], logger: silentLogger, logLevel: 'warning' },
    ...{ maxServerMemoryBytes: 2 ** 30, markCacheBytes: 2 ** 25 },
  })
  const warehouse = connectWarehouse(engine)
  if (as === 'told') await claimShards(warehouse, 'revwall')
  return {
    ...{ folder, engine, warehouse },
    stop: async () => {
      await warehouse.close()
      await engine.stop()
      if (given === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** One of the servers refuses statements like this, as if the process had ended there. */
export function failingAt(warehouse: Warehouse, server: number, statement: RegExp): Warehouse {
  const failing = (one: Warehouse): Warehouse => ({
    ...one,
    command: async (sql, options) => {
      if (statement.test(sql)) throw new Error('cut')
      return one.command(sql, options)
    },
  })
  return shardedWarehouse(shardsOf(warehouse).map((one, index) => (index === server ? failing(one) : one)))
}

/** Takes what the log has more, by the marks: what was committed may have been so by another life of the tables. */
export async function takeAll(pipeline: Pipeline, warehouse: Warehouse): Promise<void> {
  const { log } = pipeline
  const hasLog = async () => {
    for (let partition = 0; partition < log.partitions('orders'); partition++) {
      const mark = await readLastMark({ warehouse, database, topic: 'orders', partition })
      if (mark!.last + 1 !== (await log.bounds('orders', partition)).next) return false
    }
    return true
  }
  const processor = await pipeline.startBeside()
  await waitUntil('all of its log', CAUGHT_UP_MS, hasLog).finally(processor.stop)
}

/** Everything through the Distributed tables; and each server's views against its own base. */
export async function judgeShards(
  pipeline: Pipeline,
  warehouse: Warehouse,
  sources: readonly SeededSource[],
): Promise<string[]> {
  const through = { warehouse, database: overShards(database), tenants: TENANTS }
  const said = await judge(pipeline, sources, through)
  const own = await Promise.all(
    shardsOf(warehouse).map((server) => checkViews({ warehouse: server, database })),
  )
  // A table that is Distributed is kept by the views of each server.
  return [...said.filter((fault) => !fault.endsWith('nothing keeps this view')), ...own.flat()]
}

/** Each view of each server, mended where it drifts; throws where that cannot be. */
export async function auditShards(warehouse: Warehouse, mend = true): Promise<AuditReport> {
  const report = await auditAll(warehouse, mend)
  if (isExact(report)) return report
  throw new Error(`not exact: ${JSON.stringify(report)}`)
}
