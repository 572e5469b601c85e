import { type AuditManner, auditView, type ViewAudit } from '../../clickhouse/audit/audit-view.ts'
import type { AuditContext } from '../../clickhouse/audit/barrier.ts'
import { describeBucket } from '../../clickhouse/audit/compare-view.ts'
import { describeScope } from '../../clickhouse/audit/scope.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { DriftMetrics } from './drift-metrics.ts'
import { oneAtATime } from './one-at-a-time.ts'
import type { AuditUnit } from './plan-scopes.ts'
import { recordAudit } from './record-audit.ts'

export interface AuditorOptions extends AuditContext {
  metrics: DriftMetrics
  logger: Logger
  barrierMs?: number
  /** What a view is called where its comparison is recorded; else by its name. */
  nameOf?: ((view: string) => string) | undefined
}

export interface Manner {
  mend: boolean
  manner: AuditManner
}

export type Auditor = (unit: AuditUnit, manner: Manner) => Promise<ViewAudit>

/**
 * Audits a unit, and tells gauge, log and `reconciliations` what was found. One unit at a time in this process, so that
 * the background never takes more than one core, and a request waits for one comparison at most.
 */
export function createAuditor(options: AuditorOptions): Auditor {
  const inTurn = oneAtATime()
  return (unit, manner) => inTurn(() => auditUnit(options, unit, manner))
}

async function auditUnit(options: AuditorOptions, unit: AuditUnit, manner: Manner): Promise<ViewAudit> {
  const { warehouse, database, clock, metrics } = options
  const began = clock.now()
  try {
    const audit = await auditView({ ...options, ...unit, ...manner })
    metrics.observe(audit, (clock.now() - began) / 1_000)
    report(options.logger, audit)
    const { nameOf = (view) => view } = options
    await recordAudit(warehouse, database, audit, nameOf(audit.view))
    return audit
  } catch (error) {
    metrics.fail(unit.view.name)
    throw error
  }
}

function report(logger: Logger, { view, scope, drifted, driftedBuckets, mended }: ViewAudit): void {
  if (drifted === 0) return
  const message = mended
    ? 'a view was apart from order_changes and was mended'
    : 'a view is apart from order_changes'
  const buckets = driftedBuckets.slice(0, MAX_LOGGED_BUCKETS).map((bucket) => describeBucket(view, bucket))
  logger.warn(message, { view, scope: describeScope(scope), drifted, buckets })
}

const MAX_LOGGED_BUCKETS = 5
