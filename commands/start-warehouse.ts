/** ClickHouse for `up`: embedded and supervised, or the configured one; brought to the newest migration and tried. */
import { randomBytes } from 'node:crypto'
import { connectWarehouse } from '../clickhouse/connect-warehouse.ts'
import { requireMoved } from '../clickhouse/copy/moving.ts'
import type { Engine } from '../clickhouse/engine/start-engine.ts'
import { claimShards } from '../clickhouse/migrations/claim-shards.ts'
import { migrateShards } from '../clickhouse/migrations/migrate-shards.ts'
import { publishViews } from '../clickhouse/queries/publish-views.ts'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { Config } from '../core/runtime/env.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { testGuard } from '../processors/orders/test-guard.ts'
import { CONTROL_DATABASE, startEmbedded } from './open-warehouse.ts'

export type WarehouseState = 'up' | 'restarting' | 'down'

export interface RunningWarehouse {
  warehouse: Warehouse
  url: string
  /** Undefined where the server is not ours. */
  engine: Engine | undefined
  state(): WarehouseState
  stop(): Promise<void>
}

export async function startWarehouse(config: Config, logger: Logger): Promise<RunningWarehouse> {
  const engine = config.clickhouse === undefined ? await startEmbedded(config, logger) : undefined
  const login = engine ?? config.clickhouse!
  const warehouse = connectWarehouse(login)
  const state = engine === undefined ? () => 'up' as const : watch(engine, logger)
  const stop = async () => {
    await warehouse.close()
    await engine?.stop()
  }
  try {
    await prepare(warehouse, logger)
  } catch (error) {
    await stop()
    throw error
  }
  return { warehouse, url: login.url, engine, state, stop }
}

/** Migrations and the guard's self-test. Throws MOVE_UNFINISHED where tables are being moved to, and not all of them are there. */
export async function prepare(warehouse: Warehouse, logger: Logger): Promise<void> {
  await Promise.all(shardsOf(warehouse).map(requireMoved))
  await makeReady(warehouse, logger)
}

/** The same for who moves them. */
export async function makeReady(warehouse: Warehouse, logger: Logger): Promise<void> {
  await migrateRuns(warehouse, logger)
  const { shown } = await readRuns(warehouse, CONTROL_DATABASE)
  const nonce = randomBytes(6).toString('hex')
  await Promise.all(shardsOf(warehouse).map((server) => testGuard(server, shown.database, nonce)))
}

/** Every open run; whether a step was missing. Throws as `migrate`: MIGRATION_NEWER where this version is the older one. */
export async function migrateRuns(warehouse: Warehouse, logger: Logger): Promise<boolean> {
  await claimShards(warehouse, CONTROL_DATABASE)
  const { open } = await readRuns(warehouse, CONTROL_DATABASE)
  let steps = 0
  for (const { run, database } of open) {
    const done = await migrateShards(warehouse, { run, database, controlDatabase: CONTROL_DATABASE })
    if (done.length > 0) logger.info(`migrated: ${done.length} steps`)
    steps += done.length
  }
  return steps > 0
}

/** The stable views that people query; nothing of revwall itself needs them. */
export async function publish(warehouse: Warehouse): Promise<void> {
  const { shown } = await readRuns(warehouse, CONTROL_DATABASE)
  await publishViews(warehouse, { database: shown.database, controlDatabase: CONTROL_DATABASE })
}

function watch(engine: Engine, logger: Logger): () => WarehouseState {
  let state: WarehouseState = 'up'
  engine.on('down', (reason) => {
    state = 'restarting'
    logger.warn('ClickHouse ended; starting it again', { reason })
  })
  engine.on('up', () => {
    state = 'up'
    logger.info('ClickHouse is back')
  })
  engine.on('gaveUp', (error) => {
    state = 'down'
    logger.error('ClickHouse stays down', { error })
  })
  return () => state
}
