/** A role as a process of its own: its place in the folder, the log, and the ClickHouse that the roles share. */

import { collectDefaultMetrics, Registry } from 'prom-client'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { joinFolder } from '../core/runtime/lock-folder.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { codeVersion } from '../core/runtime/program.ts'
import type { RoleFile, RoleName } from '../core/runtime/role-file.ts'
import { openMarks } from '../processors/orders/open-marks.ts'
import { readServerStart } from '../processors/reconciler/server-lives.ts'
import { type CleanUp, cleanUp } from './clean-up.ts'
import type { CommandContext } from './command.ts'
import { openLog } from './open-log.ts'
import { type SharedWarehouse, shareWarehouse } from './share-warehouse.ts'
import { migrateRuns, prepare, publish } from './start-warehouse.ts'

export interface RoleHouse {
  config: Config
  logger: Logger
  log: EventLog
  shared: SharedWarehouse
  registry: Registry
  file: RoleFile
  steps: CleanUp
  signal: AbortSignal
  print: (line: string) => void
}

/** Runs `work` in the role, and leaves it whatever comes: what was opened last is ended first. */
export async function withRole(
  name: RoleName,
  context: CommandContext,
  work: (house: RoleHouse) => Promise<void>,
): Promise<number> {
  const { config, logger, signal, print } = context
  const steps = cleanUp(logger)
  try {
    const file = joinFolder(config.dataFolder, name)
    steps.add('the folder', async () => file.leave())
    signal.addEventListener('abort', () => file.tell({ stopping: true }), { once: true })
    const log = await openLog(config, logger)
    steps.add('the log', () => log.close())
    const shared = shareWarehouse({
      config,
      logger,
      signal,
      clock: systemClock,
      prepare: (warehouse) => prepareTables(warehouse, log, logger),
      join: async (warehouse) => {
        if (await migrateRuns(warehouse, logger)) await prepareTables(warehouse, log, logger)
      },
    })
    steps.add('ClickHouse', () => shared.stop())
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    await work({ config, logger, log, shared, registry, file, steps, signal, print })
    print(`${name}: draining …`)
    return 0
  } finally {
    await steps.run()
  }
}

/** False when it was told to end before ClickHouse was there. */
export async function whenReady({ shared, signal }: RoleHouse): Promise<boolean> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([shared.ready, aborted])
  return !signal.aborted
}

/** Opening marks belong to a log that nobody has written to: ingest waits for them before its first record. */
export async function isNewLog(log: EventLog): Promise<boolean> {
  for (let partition = 0; partition < log.partitions('orders'); partition++)
    if ((await log.bounds('orders', partition)).next > 0) return false
  return true
}

/** Two roles of one server may both come here; whoever was slower finds the marks opened. */
const MAX_OPEN_ATTEMPTS = 3

async function prepareTables(warehouse: Warehouse, log: EventLog, logger: Logger): Promise<void> {
  await prepare(warehouse, logger)
  await publish(warehouse)
  const { shown } = await readRuns(warehouse)
  const context = {
    run: shown.run,
    topic: 'orders',
    incarnation: log.incarnation,
    code: codeVersion(),
    serverStart: await readServerStart(warehouse),
    tenants: new Map(),
  }
  for (let attempt = 1; ; attempt++) {
    try {
      const now = systemClock.now()
      await openMarks({ warehouse, database: shown.database, log, context, takeLog: false, now })
      return
    } catch (error) {
      if (attempt === MAX_OPEN_ATTEMPTS) throw error
    }
  }
}
