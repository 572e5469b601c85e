/**
 * Sums by local day, for forecasts: of a tenant, and of the largest values of one dimension. Days without any entry have
 * no row. The split of a past day follows the present state of its orders; its whole, on the booked axis, stays.
 */
import type { ForecastDimension } from '../../core/contracts/results.ts'
import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export interface DaySums {
  /** YYYY-MM-DD. */
  day: string
  revenue: string
  sales: string
  orders: number
}

/** In the order of days. */
export async function readDaySums(warehouse: Warehouse, scope: MoneyScope & DayRange): Promise<DaySums[]> {
  const { tenant, currency, axis, from, to } = scope
  const sums = ['revenue', 'sales', 'orders'].map((name) => `sum(${axis}_${name}) AS ${name}`)
  const rows = await warehouse.query<Omit<DaySums, 'orders'> & { orders: string }>(
    `SELECT day, ${sums.join(', ')} FROM ${tableOf(scope, 'headline')}
     WHERE tenant = {tenant:String} AND currency = {currency:String} AND day BETWEEN {from:Date} AND {to:Date}
     GROUP BY day HAVING revenue != 0 OR sales != 0 OR orders != 0 ORDER BY day`,
    { params: { tenant, currency, from, to }, settings: QUIET },
  )
  return rows.map((row) => ({ ...row, orders: Number(row.orders) }))
}

export type SplitDimension = Exclude<ForecastDimension, 'all'>

export interface DayRevenue {
  key: string
  day: string
  revenue: string
}

/** The values of a dimension with the largest revenue above 0, the largest first; what was not told is none. */
export async function readLargestKeys(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & { dimension: SplitDimension; limit: number },
): Promise<string[]> {
  const { sql, params } = splitSql(scope)
  const rows = await warehouse.query<{ key: string }>(
    `SELECT key, sum(s.revenue) AS revenue FROM ${sql} AS s GROUP BY key HAVING revenue > 0
     ORDER BY revenue DESC, key LIMIT {limit:UInt32}`,
    { params: { ...params, limit: scope.limit }, settings: QUIET },
  )
  return rows.map(({ key }) => key)
}

/** Revenue of these values, in the order of values and days. */
export async function readKeyDays(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & { dimension: SplitDimension; keys: readonly string[] },
): Promise<DayRevenue[]> {
  const { sql, params } = splitSql(scope)
  return warehouse.query<DayRevenue>(
    `SELECT key, day, sum(s.revenue) AS revenue FROM ${sql} AS s WHERE key IN ({keys:Array(String)})
     GROUP BY key, day HAVING revenue != 0 ORDER BY key, day`,
    { params: { ...params, keys: scope.keys }, settings: QUIET },
  )
}

/** Beside what people look at. */
const QUIET = { max_threads: 1 }

const SPLITS: Record<SplitDimension, { table: string; column: string }> = {
  source: { table: 'quarter_hours', column: 'source' },
  region: { table: 'breakdowns', column: 'value' },
  country: { table: 'breakdowns', column: 'value' },
  category: { table: 'products', column: 'category' },
  product: { table: 'products', column: 'sku' },
}

/** A subquery of key, day and revenue. */
function splitSql(scope: MoneyScope & DayRange & { dimension: SplitDimension }) {
  const { tenant, currency, axis, from, to, dimension } = scope
  const { table, column } = SPLITS[dimension]
  const ofDimension = table === 'breakdowns' ? 'AND dimension = {dimension:String}' : ''
  return {
    sql: `(SELECT toString(${column}) AS key, day, ${axis}_revenue AS revenue FROM ${tableOf(scope, table)}
      WHERE tenant = {tenant:String} AND currency = {currency:String} AND day BETWEEN {from:Date} AND {to:Date}
        AND key != '' ${ofDimension})`,
    params: { tenant, currency, from, to, ...(table === 'breakdowns' && { dimension }) },
  }
}
