/** Opens a run: its tables, its opening marks at the log's beginning, and last the row by which processors hear of it. */

import { migrate } from '../../clickhouse/migrations/migrate.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import { type Run, runOf } from '../../clickhouse/runs/run.ts'
import { recordRun } from '../../clickhouse/runs/write-runs.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { codeVersion } from '../../core/runtime/program.ts'
import { firstPartitionsOf } from '../../processors/orders/first-partitions.ts'
import { openMarks } from '../../processors/orders/open-marks.ts'
import { readServerStart } from '../../processors/reconciler/server-lives.ts'
import { removeRun } from './drop-run.ts'

export interface RunOptions {
  warehouse: Warehouse
  log: EventLog
  logger: Logger
  tenants: readonly TenantConfig[]
}

/** Each one costs an insert for every batch, and the memory of its recent orders. */
export const MAX_OPEN_RUNS = 3

/** May be called again after a crash: nothing knows of the run before it is recorded. Throws RUN_TOO_MANY, RUN_LOG_TRIMMED. */
export async function openRun({ warehouse, log, tenants }: RunOptions): Promise<Run> {
  const { open, shown, highest } = await readRuns(warehouse)
  if (open.length >= MAX_OPEN_RUNS)
    throw new RevwallError(
      'RUN_TOO_MANY',
      `There are ${open.length} runs; drop one first (revwall runs drop).`,
    )
  const trimmed = await missingBeginning(log)
  if (trimmed !== undefined)
    throw new RevwallError('RUN_LOG_TRIMMED', `${trimmed} The shown run stays as it is.`)
  const next = runOf(highest + 1)
  await migrate(warehouse, next)
  const context = {
    run: next.run,
    topic: 'orders',
    incarnation: log.incarnation,
    code: codeVersion(),
    serverStart: await readServerStart(warehouse),
    tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])),
  }
  const { database } = next
  const partitions = await firstPartitionsOf(warehouse, shown.database, context.topic)
  await openMarks({ warehouse, database, log, context, takeLog: true, partitions, now: systemClock.now() })
  await recordRun(warehouse, next, 'open', codeVersion())
  // Until it was recorded the retention knew nothing of it, and may have trimmed what it needs.
  const trimmedSince = await missingBeginning(log)
  if (trimmedSince === undefined) return next
  await removeRun(warehouse, next)
  throw new RevwallError(
    'RUN_LOG_TRIMMED',
    `The log was trimmed while ${next.run} was opened, which is taken back. ${trimmedSince} The shown run stays as it is.`,
  )
}

/** What to say where the log does not reach back to its beginning any more. */
async function missingBeginning(log: EventLog): Promise<string | undefined> {
  for (let partition = 0; partition < log.partitions('orders'); partition++) {
    const { first } = await log.bounds('orders', partition)
    if (first === 0) continue
    return `The log of orders/${partition} begins at offset ${first}: what was before is no longer there, so a new run would lack it.`
  }
  return undefined
}
