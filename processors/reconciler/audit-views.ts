import type { ViewAudit } from '../../clickhouse/audit/audit-view.ts'
import type { AuditedView } from '../../clickhouse/audit/list-audited-views.ts'
import { readRecentDays, readViewDays } from '../../clickhouse/audit/read-view-days.ts'
import { rangesOfDays, type Scope } from '../../clickhouse/audit/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Auditor } from './create-auditor.ts'
import type { DriftMetrics } from './drift-metrics.ts'
import { backgroundScope } from './plan-scopes.ts'
import type { ViewLister } from './view-lister.ts'

export interface ViewsOptions {
  warehouse: Warehouse
  random: () => number
  metrics: DriftMetrics
  audit: Auditor
  listViews: ViewLister
}

/** The background's share: of each view the newest days and an older range; all of a view whose drift is not settled. */
export function auditBackground(options: ViewsOptions, signal: AbortSignal): Promise<ViewAudit[]> {
  const { warehouse, random, metrics, audit } = options
  return eachView(options, async (view) => {
    if (signal.aborted) return undefined
    const scopeOf = async () =>
      backgroundScope(await readRecentDays(warehouse, view), await readViewDays(warehouse, view), random)
    const scope = metrics.isUnsettled(view.name) ? 'all' : await scopeOf()
    return audit({ view, scope }, { mend: true, manner: 'patient' })
  })
}

/** The buckets of these local days in all views. Throws STOPPED when the signal comes between two of them. */
export function auditBucketsOf(
  options: ViewsOptions,
  days: string[],
  signal: AbortSignal,
): Promise<ViewAudit[]> {
  return eachView(options, async (view) => {
    if (signal.aborted) throw new RevwallError('STOPPED', 'The audit was stopped before its last view.')
    return options.audit({ view, scope: scopeOfDays(view, days) }, { mend: true, manner: 'certain' })
  })
}

/** The buckets of local days; a view without days is always audited whole. */
export function scopeOfDays({ time }: AuditedView, days: string[]): Scope {
  return time === undefined ? 'all' : rangesOfDays(days, time.margin)
}

// A view that cannot be audited must not keep the others from it; its error is thrown when they are done.
async function eachView(
  { listViews }: ViewsOptions,
  audit: (view: AuditedView) => Promise<ViewAudit | undefined>,
): Promise<ViewAudit[]> {
  const audits: ViewAudit[] = []
  let failure: RevwallError | undefined
  for (const view of await listViews()) {
    try {
      const done = await audit(view)
      if (done !== undefined) audits.push(done)
    } catch (error) {
      if (!(error instanceof RevwallError)) throw error
      failure ??= error
    }
  }
  if (failure !== undefined) throw failure
  return audits
}
