/** A tenant's metrics from what is stored: at a start, when history was loaded, and every Monday anew. */
import type { BuyerScope, Marks } from '../../../clickhouse/queries/read-buyers.ts'
import type { StoredWatch } from '../../../clickhouse/queries/read-incidents.ts'
import { readMetricMembers, readMetricQuarters } from '../../../clickhouse/queries/read-metric-buckets.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../../core/contracts/tenant.ts'
import { formatDay, localDay } from '../../../core/runtime/local-time.ts'
import type { HolidayBook } from '../../holiday-book.ts'
import { WEEKS } from './member-watch.ts'
import { type StoredStates, TenantMetrics } from './tenant-metrics.ts'
import { chooseWidth, WIDTHS_MINUTES, type WidthMinutes } from './watch-plan.ts'

/** Each has four series, of 260 kB in quarter hours: three megabytes a tenant. */
const MOST_MEMBERS = { source: 5, region: 6 }
/** How busy it is, and who its largest are. */
const RECENT_MS = 28 * 86_400_000
/** A week more than is compared with. */
const HISTORY_MS = (WEEKS + 1) * 7 * 86_400_000

/** It is opened anew every Monday. */
const HOLIDAYS_AHEAD_DAYS = 31

/** Where the one before stopped. */
export interface Standing {
  positionMs: number
  width: WidthMinutes
  states: StoredStates
}

export function standingOf({ upToMs, widthMinutes, states }: StoredWatch): Standing | undefined {
  const width = WIDTHS_MINUTES.find((one) => one === widthMinutes)
  return width === undefined ? undefined : { positionMs: upToMs, width, states: JSON.parse(states) }
}

export interface OpenMetricsOptions {
  warehouse: Warehouse
  holidays: HolidayBook
  scope: BuyerScope
  /** Up to where it is read; what batches change behind them is added later. */
  marks: Marks
  /** Where there is none it begins at `nowMs`: what was before is learned from. */
  standing: Standing | undefined
  nowMs: number
  /** While an incident is open its series go on as they were begun. */
  keepWidth: boolean
}

export async function openMetrics(tenant: TenantConfig, options: OpenMetricsOptions): Promise<TenantMetrics> {
  const { warehouse, scope, marks, standing, nowMs, keepWidth } = options
  const own = { ...scope, currencies: new Map([[tenant.id, tenant.currency]]) }
  const positionMs = standing?.positionMs ?? nowMs
  const recentMs = positionMs - RECENT_MS
  const members = await readMetricMembers(warehouse, own, { marks, sinceMs: recentMs, most: MOST_MEMBERS })
  const sinceMs = positionMs - HISTORY_MS
  const quarters = await readMetricQuarters(warehouse, own, { marks, sinceMs, members })
  const recent = quarters.filter(
    ({ dimension, atMs }) => dimension === 'total' && atMs >= recentMs && atMs < positionMs,
  )
  const chosen = chooseWidth(recent.map(({ orders }) => orders))
  const width = keepWidth && standing !== undefined ? standing.width : chosen
  // Another width makes other series.
  const states = standing?.width === width ? standing.states : {}
  const dayOf = (ms: number) => localDay(ms, tenant.timeZone)
  const { closed } = await options.holidays.of(
    tenant,
    formatDay(dayOf(sinceMs)),
    formatDay(dayOf(nowMs) + HOLIDAYS_AHEAD_DAYS),
  )
  return new TenantMetrics({ tenant, holidays: closed, width, members, quarters, positionMs, states })
}
