/** Takes a run away for ever. */

import { waitForInserts } from '../../clickhouse/audit/running-inserts.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import type { Run } from '../../clickhouse/runs/run.ts'
import { recordRun } from '../../clickhouse/runs/write-runs.ts'
import { overShards, shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { codeVersion } from '../../core/runtime/program.ts'
import type { RunOptions } from './open-run.ts'
import { unknownRun } from './switch-run.ts'

/** Processors look every second, and let the batch under way end. */
const LET_GO_MS = 3_000
const MAX_WAIT_MS = 30_000

/** Throws RUN_UNKNOWN, RUN_SHOWN. */
export async function dropRun({ warehouse }: RunOptions, name: string): Promise<void> {
  const { open, shown } = await readRuns(warehouse)
  const run = open.find((each) => each.run === name)
  if (run === undefined) throw unknownRun(name, open)
  if (run.run === shown.run)
    throw new RevwallError('RUN_SHOWN', `${name} is what the wall shows; switch to another run first.`)
  await removeRun(warehouse, run)
}

/** Tells everybody to let go of it, and drops its database when they have. */
export async function removeRun(warehouse: Warehouse, run: Run): Promise<void> {
  await recordRun(warehouse, run, 'dropped', codeVersion())
  await systemClock.sleep(LET_GO_MS)
  if (warehouse.shards) await warehouse.command(`DROP DATABASE IF EXISTS ${overShards(run.database)} SYNC`)
  for (const server of shardsOf(warehouse)) {
    const waiting = { clock: systemClock, idPrefix: `${run.run}:`, timeoutMs: MAX_WAIT_MS }
    await waitForInserts({ warehouse: server, ...waiting })
    await server.command(`DROP DATABASE IF EXISTS ${run.database} SYNC`)
  }
}
