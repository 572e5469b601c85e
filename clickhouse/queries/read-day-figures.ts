/** Whole days for programs that read single figures: revenue, orders, customers, and revenue by region. */
import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export interface DayFigures {
  revenue: string
  /** Whole numbers, as text. */
  orders: string
  customers: string
  /** Revenue by region where it is not zero; the region '' was not told. Of each day the `maxRegions` that are farthest from 0. */
  regions: Map<string, string>
}

/** The figures of each of these days, by day; a day of which nothing is known has zeros. */
export async function readDayFigures(
  warehouse: Warehouse,
  scope: MoneyScope,
  { days, maxRegions }: { days: readonly string[]; maxRegions: number },
): Promise<Map<string, DayFigures>> {
  const { tenant, currency, axis } = scope
  const params = { tenant, currency, days, maxRegions }
  const where = `WHERE tenant = {tenant:String} AND day IN {days:Array(Date)} AND currency = {currency:String}`
  const [headlines, customers, regions] = await Promise.all([
    warehouse.query<{ day: string; revenue: string; orders: string }>(
      `SELECT day, sum(${axis}_revenue) AS revenue, sum(${axis}_orders) AS orders
       FROM ${tableOf(scope, 'headline')} ${where} GROUP BY day`,
      { params },
    ),
    warehouse.query<{ day: string; customers: string }>(
      `SELECT day, count() AS customers FROM (
         SELECT day, customer FROM ${tableOf(scope, 'customer_days')} ${where}
         GROUP BY day, customer HAVING sum(${axis}_orders) > 0) GROUP BY day`,
      { params },
    ),
    warehouse.query<{ day: string; region: string; revenue: string }>(
      `SELECT day, value AS region, sum(${axis}_revenue) AS revenue
       FROM ${tableOf(scope, 'breakdowns')} ${where} AND dimension = 'region'
       GROUP BY day, value HAVING revenue != 0
       ORDER BY day, abs(revenue) DESC, region LIMIT {maxRegions:UInt32} BY day`,
      { params },
    ),
  ])
  const figures = new Map(days.map((day) => [day, nothing()]))
  for (const { day, revenue, orders } of headlines) Object.assign(figures.get(day)!, { revenue, orders })
  for (const { day, customers: count } of customers) figures.get(day)!.customers = count
  for (const { day, region, revenue } of regions) figures.get(day)!.regions.set(region, revenue)
  return figures
}

/** The first and the last day on which revenue or orders are not zero; null where there is none. */
export async function readDaySpan(warehouse: Warehouse, scope: MoneyScope): Promise<DayRange | null> {
  const { tenant, currency, axis } = scope
  // Days that came back to nothing stand in the table until some merge removes them: they must not matter.
  const [row] = await warehouse.query<DayRange & { days: string }>(
    `SELECT min(day) AS from, max(day) AS to, count() AS days FROM (
       SELECT day FROM ${tableOf(scope, 'headline')}
       WHERE tenant = {tenant:String} AND currency = {currency:String}
       GROUP BY day HAVING sum(${axis}_revenue) != 0 OR sum(${axis}_orders) != 0)`,
    { params: { tenant, currency } },
  )
  return row === undefined || row.days === '0' ? null : { from: row.from, to: row.to }
}

const nothing = (): DayFigures => ({ revenue: '0', orders: '0', customers: '0', regions: new Map() })
