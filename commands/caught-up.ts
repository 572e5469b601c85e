/** Waits for what a command has put into the log: `replay --all` and `simulate --all` end when ClickHouse has it. */
import { waitForInserts } from '../clickhouse/audit/running-inserts.ts'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import type { Run } from '../clickhouse/runs/run.ts'
import { shardsOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { type Clock, systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { ProcessorHealth } from '../processors/orders/process-orders.ts'
import { readLag } from './run-lag.ts'

export interface CaughtUpOptions {
  warehouse: Warehouse
  log: EventLog
  health: () => ProcessorHealth
  signal: AbortSignal
  print: (line: string) => void
  clock?: Clock
}

const LOOK_EVERY_MS = 100
/** Between two lines for whoever waits. */
export const PRINT_EVERY_MS = 2_000
const INSERT_TIMEOUT_MS = 60_000

/**
 * Resolves when the shown run is complete to the log's end, tables and views, or when the signal aborts; says how far it
 * is meanwhile. By the marks, and then by the inserts under way: a mark can be read before the views of its batch are
 * written, and whoever compares then would find them behind. Throws PROCESSOR_HALTED, INSERT_STUCK.
 */
export async function caughtUp(options: CaughtUpOptions): Promise<void> {
  const { warehouse, log, signal, print, clock = systemClock } = options
  const { shown } = await readRuns(warehouse)
  let printedAt = clock.now()
  while (!signal.aborted) {
    const { records } = await readLag(warehouse, log, shown)
    if (records <= 0) return waitForViews(shown, warehouse, clock)
    const { state, message } = options.health()
    if (state === 'halted') throw new RevwallError('PROCESSOR_HALTED', message)
    if (clock.now() - printedAt >= PRINT_EVERY_MS) {
      printedAt = clock.now()
      print(`${records} records to go`)
    }
    await clock.sleep(LOOK_EVERY_MS, signal)
  }
}

async function waitForViews({ run }: Run, warehouse: Warehouse, clock: Clock): Promise<void> {
  const waiting = { clock, idPrefix: `${run}:`, timeoutMs: INSERT_TIMEOUT_MS }
  const servers = shardsOf(warehouse).map((server) => waitForInserts({ ...waiting, warehouse: server }))
  const running = (await Promise.all(servers)).flat()
  if (running.length === 0) return
  const what = `${running.slice(0, 5).join(', ')} did not end within ${INSERT_TIMEOUT_MS / 1_000} s`
  throw new RevwallError('INSERT_STUCK', `ClickHouse has all records, but not all views: ${what}.`)
}
