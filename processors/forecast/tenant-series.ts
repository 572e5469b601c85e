/**
 * A tenant's days as series: revenue, orders and ticket of all, and revenue by the largest values of each dimension that
 * has more than one. On the booked axis, in the tenant's currency. A day without an entry is one without sales, but only
 * from the first entry to the cut-off; without orders there is no ticket, which is not one of 0.
 */
import { createHash } from 'node:crypto'
import {
  type DayRevenue,
  readDaySums,
  readKeyDays,
  readLargestKeys,
  type SplitDimension,
} from '../../clickhouse/queries/read-day-series.ts'
import type { SeriesName } from '../../clickhouse/queries/read-forecasts.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { FORECAST_MIN_DAYS } from '../../core/contracts/results.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import type { NamedDays } from './named-days.ts'

/** Day numbers; each array has a value a day, from the first one to the cut-off. */
export interface TenantHistory extends NamedDays {
  firstDay: number
  cutOff: number
  revenue: Float64Array
  orders: Float64Array
  /** NaN where there were no orders. */
  ticket: Float64Array
  /** Alike only where all days are, and what is on them. */
  fingerprint: string
}

export interface NamedSeries extends SeriesName {
  values: Float64Array
}

/** Four years: what forecasts look back at. */
const HISTORY_DAYS = 1_456
/** The largest values are those of the last quarter. */
const RECENT_DAYS = 91
/** Values of each dimension. */
const MOST: Record<SplitDimension, number> = { source: 8, region: 10, country: 10, category: 10, product: 10 }
/** Of all that a history has: what moved less makes no other forecast. */
const MATERIAL = 0.001

/** Undefined where the tenant has no day up to the cut-off. */
export async function readHistory(
  warehouse: Warehouse,
  scope: MoneyScope,
  cutOff: number,
  readNamedDays: (from: string) => Promise<NamedDays>,
): Promise<TenantHistory | undefined> {
  const range = { from: formatDay(cutOff - HISTORY_DAYS + 1), to: formatDay(cutOff) }
  const rows = await readDaySums(warehouse, { ...scope, ...range })
  if (rows.length === 0) return undefined
  const firstDay = parseDay(rows[0]!.day)
  const named = await readNamedDays(rows[0]!.day)
  const history = {
    ...{ firstDay, cutOff, ...named },
    revenue: new Float64Array(cutOff - firstDay + 1),
    orders: new Float64Array(cutOff - firstDay + 1),
    ticket: new Float64Array(cutOff - firstDay + 1).fill(Number.NaN),
  }
  for (const { day, revenue, sales, orders } of rows) {
    const at = parseDay(day) - firstDay
    history.revenue[at] = Number(revenue)
    history.orders[at] = orders
    if (orders > 0) history.ticket[at] = Number(sales) / orders
  }
  return {
    ...history,
    fingerprint: createHash('sha256')
      .update(JSON.stringify([rows, named]))
      .digest('hex')
      .slice(0, 16),
  }
}

/** Whether so much of the past is another than it was that a forecast of it would be one too. Both end on the same day. */
export function isMaterial(before: TenantHistory, now: TenantHistory): boolean {
  const firstDay = Math.min(before.firstDay, now.firstDay)
  if (textOf(before) !== textOf(now)) return true
  return (['revenue', 'orders'] as const).some((name) => {
    let moved = 0
    let whole = 0
    for (let day = firstDay; day <= now.cutOff; day++) {
      const value = now[name][day - now.firstDay] ?? 0
      moved += Math.abs(value - (before[name][day - before.firstDay] ?? 0))
      whole += Math.abs(value)
    }
    return moved > MATERIAL * whole
  })
}

const textOf = ({ holidays, promotions }: NamedDays) => JSON.stringify([holidays, promotions])

/** Groups of series that may learn of one another: those of all, then those of each dimension. */
export async function readSeries(
  warehouse: Warehouse,
  scope: MoneyScope,
  history: TenantHistory,
): Promise<NamedSeries[][]> {
  const whole = (['revenue', 'orders', 'ticket'] as const).map((series) => ({
    ...{ series, dimension: 'all' as const, key: '' },
    values: history[series],
  }))
  const groups: NamedSeries[][] = [whole]
  for (const dimension of Object.keys(MOST) as SplitDimension[])
    groups.push(await readSplit(warehouse, scope, history, dimension))
  return groups.map((group) => group.filter(isLongEnough)).filter((group) => group.length > 0)
}

async function readSplit(
  warehouse: Warehouse,
  scope: MoneyScope,
  { firstDay, cutOff }: TenantHistory,
  dimension: SplitDimension,
): Promise<NamedSeries[]> {
  const of = { ...scope, dimension, to: formatDay(cutOff) }
  const recent = formatDay(Math.max(firstDay, cutOff - RECENT_DAYS + 1))
  const keys = await readLargestKeys(warehouse, { ...of, from: recent, limit: MOST[dimension] })
  // One alone is all there is.
  if (keys.length < 2) return []
  const rows = await readKeyDays(warehouse, { ...of, from: formatDay(firstDay), keys })
  return keys.map((key) => ({
    ...{ series: 'revenue' as const, dimension, key },
    values: daysOf(
      rows.filter((row) => row.key === key),
      firstDay,
      cutOff,
    ),
  }))
}

function daysOf(rows: readonly DayRevenue[], firstDay: number, cutOff: number): Float64Array {
  const values = new Float64Array(cutOff - firstDay + 1)
  for (const { day, revenue } of rows) values[parseDay(day) - firstDay] = Number(revenue)
  return values
}

/** From the first day that has anything. */
function isLongEnough({ values }: NamedSeries): boolean {
  const first = values.findIndex((value) => Number.isFinite(value) && value !== 0)
  return first >= 0 && values.length - first >= FORECAST_MIN_DAYS
}
