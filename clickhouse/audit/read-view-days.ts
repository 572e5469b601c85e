import type { Warehouse } from '../warehouse.ts'
import { auditSettings } from './audit-settings.ts'
import { type AuditedView, quoted, tableOf } from './list-audited-views.ts'
import { type DayRange, joinRanges } from './scope.ts'

export interface ViewDay {
  day: string
  rows: number
}

/** The days of the view's time key with their number of rows, oldest first. Empty for a view without a time key. */
export async function readViewDays(warehouse: Warehouse, view: AuditedView): Promise<ViewDay[]> {
  if (view.time === undefined) return []
  const rows = await warehouse.query<{ day: string; rows: string }>(
    `SELECT toDate(${quoted(view.time.key)}) AS day, count() AS rows FROM ${tableOf(view)} GROUP BY day ORDER BY day`,
    { settings: auditSettings() },
  )
  return rows.map(({ day, rows: count }) => ({ day, rows: Number(count) }))
}

/**
 * The newest two days with data of each tenant: tenants' nows may lie years apart (replays). The last range is open, so
 * that days which the view lost at its end are in it.
 */
export async function readRecentDays(warehouse: Warehouse, view: AuditedView): Promise<DayRange[]> {
  if (view.time === undefined) return []
  const rows = await warehouse.query<{ from: string; to: string }>(
    `SELECT DISTINCT days[-1] AS from, days[1] AS to FROM (
       SELECT arraySlice(arrayReverseSort(groupUniqArray(toDate(${quoted(view.time.key)}))), 1, 2) AS days
       FROM ${tableOf(view)} GROUP BY tenant)
     ORDER BY from LIMIT 1000`,
    { settings: auditSettings() },
  )
  const ranges = joinRanges(rows)
  const last = ranges.at(-1)
  return last === undefined ? [{}] : [...ranges.slice(0, -1), { from: last.from }]
}
