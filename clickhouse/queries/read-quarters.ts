/**
 * Former days by quarters of an hour that passed since their local midnight: how a day comes in, for its pace. Grouped by
 * quarters of UTC: every zone's days start at one.
 */
import type { Warehouse } from '../warehouse.ts'
import type { ChartDay } from './read-chart.ts'
import { type MoneyScope, tableOf } from './scope.ts'

export const QUARTER_MS = 900_000

/** What came in each quarter; a day of 23 or 25 hours has 92 or 100 of them. */
export interface QuarterDay {
  revenue: Float64Array
  orders: Float64Array
}

/** In the order asked for; a day without any entry has zeros. */
export async function readQuarters(
  warehouse: Warehouse,
  scope: MoneyScope,
  days: readonly ChartDay[],
): Promise<QuarterDay[]> {
  if (days.length === 0) return []
  const { tenant, currency, axis } = scope
  const rows = await warehouse.query<{ day: string; quarter: number; revenue: string; orders: string }>(
    `SELECT day, intDiv(toUnixTimestamp(minute), {seconds:UInt32}) AS quarter, sum(${axis}_revenue) AS revenue,
       sum(${axis}_orders) AS orders
     FROM ${tableOf(scope, 'headline')}
     WHERE tenant = {tenant:String} AND day IN ({days:Array(Date)}) AND currency = {currency:String}
     GROUP BY day, quarter`,
    {
      params: { tenant, currency, days: days.map(({ day }) => day), seconds: QUARTER_MS / 1_000 },
      // Beside what people look at.
      settings: { max_threads: 1 },
    },
  )
  return days.map(({ day, startMs, endMs }) => {
    const length = Math.ceil((endMs - startMs) / QUARTER_MS)
    const own = { revenue: new Float64Array(length), orders: new Float64Array(length) }
    for (const row of rows.filter((each) => each.day === day)) {
      // A row outside the day was cut in another zone, before the tenant's was changed: the day's end must still be right.
      const at = Math.min(Math.max(row.quarter - startMs / QUARTER_MS, 0), length - 1)
      own.revenue[at]! += Number(row.revenue)
      own.orders[at]! += Number(row.orders)
    }
    return own
  })
}
