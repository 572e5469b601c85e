import { type AuditedView, listAuditedViews } from '../../clickhouse/audit/list-audited-views.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Logger } from '../../core/runtime/logger.ts'

export type ViewLister = () => Promise<AuditedView[]>

/** The views of the moment, so that those of a new migration are among them. Views that nobody can check are logged once. */
export function viewLister(warehouse: Warehouse, database: string, logger: Logger): ViewLister {
  const logged = new Set<string>()
  return async () => {
    const { views, skipped } = await listAuditedViews(warehouse, database)
    for (const { view, reason } of skipped) {
      if (!logged.has(view)) logger.warn('a materialized view is not audited', { view, reason })
      logged.add(view)
    }
    return views
  }
}
