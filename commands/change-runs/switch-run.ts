/** Shows another run, when it has all that the log has and each of its views is equal to its base. */
import { auditView } from '../../clickhouse/audit/audit-view.ts'
import { listAuditedViews } from '../../clickhouse/audit/list-audited-views.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import type { Run } from '../../clickhouse/runs/run.ts'
import { showRun } from '../../clickhouse/runs/write-runs.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import { whileBusy } from '../../clickhouse/views/while-busy.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { readLag } from '../run-lag.ts'
import type { RunOptions } from './open-run.ts'

/** Records that may be on their way: a batch under load. */
export const MAX_LAG_RECORDS = 2_000

/** Throws RUN_UNKNOWN, RUN_BEHIND, RUN_MOVED, and what an audit throws. */
export async function switchRun(
  options: RunOptions & { maxLagRecords?: number },
  name: string,
): Promise<void> {
  const { warehouse } = options
  const { open, shown } = await readRuns(warehouse)
  const run = open.find((each) => each.run === name)
  if (run === undefined) throw unknownRun(name, open)
  if (run.run !== shown.run) {
    await requireCaughtUp(options, run)
    await audit(options, run)
    await requireCaughtUp(options, run)
    await showRun(warehouse, { run: run.run, database: run.database })
  }
  // Once more where it is shown already: a switch that was killed may have left them behind.
  await publishViews(warehouse, { database: run.database })
}

export function unknownRun(name: string, open: readonly Run[]): RevwallError {
  return new RevwallError(
    'RUN_UNKNOWN',
    `There is no run ${name}; open are ${open.map(({ run }) => run).join(', ')}.`,
  )
}

async function requireCaughtUp(
  { warehouse, log, maxLagRecords = MAX_LAG_RECORDS }: RunOptions & { maxLagRecords?: number },
  run: Run,
): Promise<void> {
  const { records } = await readLag(warehouse, log, run)
  if (records <= maxLagRecords) return
  throw new RevwallError(
    'RUN_BEHIND',
    `${run.run} is ${records} records behind the log; it can be shown when it has caught up. Is \`revwall up\` running?`,
  )
}

async function audit(options: RunOptions, run: Run): Promise<void> {
  for (const warehouse of shardsOf(options.warehouse)) await auditServer({ ...options, warehouse }, run)
}

async function auditServer({ warehouse, logger }: RunOptions, { run, database }: Run): Promise<void> {
  const { views } = await listAuditedViews(warehouse, database)
  const context = { warehouse, database, run, clock: systemClock, random: Math.random }
  for (const view of views) {
    const { drifted } = await whileBusy(systemClock, () =>
      auditView({ ...context, view, mend: true, manner: 'certain' }),
    )
    if (drifted > 0)
      logger.warn('a view was apart from order_changes and was mended', { run, view: view.name, drifted })
  }
}
