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

export interface KeyDaySums extends DaySums {
  key: string
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

/** Whether no view has its orders and sales, but the base table alone: seconds for ten million orders. */
export const isOfLines = (dimension: ForecastDimension) =>
  dimension !== 'all' && SPLITS[dimension].lines !== undefined

/**
 * Sums of these values, in the order of values and days. Orders and sales of articles and categories are those of the orders
 * that count and have a line of it; they are 0 unless `fromLines` asks for them. Throws `CLICKHOUSE_159` where that takes
 * longer than a minute.
 */
export async function readKeyDays(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & { dimension: SplitDimension; keys: readonly string[]; fromLines: boolean },
): Promise<KeyDaySums[]> {
  const { sql, params } = splitSql(scope)
  const { lines } = SPLITS[scope.dimension]
  const all =
    lines === undefined || !scope.fromLines
      ? sql
      : `(SELECT * FROM ${sql} UNION ALL SELECT * FROM ${soldSql(scope, lines)})`
  const rows = await warehouse.query<Omit<KeyDaySums, 'orders'> & { orders: string }>(
    `SELECT key, day, sum(s.revenue) AS revenue, sum(s.sales) AS sales, sum(s.orders) AS orders FROM ${all} AS s
     WHERE key IN ({keys:Array(String)})
     GROUP BY key, day HAVING revenue != 0 OR sales != 0 OR orders != 0 ORDER BY key, day`,
    { params: { ...params, keys: scope.keys }, settings: { ...QUIET, max_execution_time: MOST_SECONDS } },
  )
  return rows.map((row) => ({ ...row, orders: Number(row.orders) }))
}

/** Beside what people look at. */
const QUIET = { max_threads: 1 }
const MOST_SECONDS = 60

/** `lines`: where the base table has it, of what has neither orders nor sales in its view. */
const SPLITS: Record<SplitDimension, { table: string; column: string; lines?: string }> = {
  source: { table: 'quarter_hours', column: 'source' },
  region: { table: 'breakdowns', column: 'value' },
  country: { table: 'breakdowns', column: 'value' },
  category: { table: 'products', column: 'category', lines: 'line_category' },
  product: { table: 'products', column: 'sku', lines: 'line_sku' },
}

/** A subquery of key, day, revenue, sales and orders. */
function splitSql(scope: MoneyScope & DayRange & { dimension: SplitDimension }) {
  const { tenant, currency, axis, from, to, dimension } = scope
  const { table, column, lines } = SPLITS[dimension]
  const ofDimension = table === 'breakdowns' ? 'AND dimension = {dimension:String}' : ''
  const ofOrders =
    lines === undefined
      ? `${axis}_sales AS sales, ${axis}_orders AS orders`
      : 'toDecimal128(0, 4) AS sales, toInt64(0) AS orders'
  return {
    sql: `(SELECT toString(${column}) AS key, day, ${axis}_revenue AS revenue, ${ofOrders}
      FROM ${tableOf(scope, table)}
      WHERE tenant = {tenant:String} AND currency = {currency:String} AND day BETWEEN {from:Date} AND {to:Date}
        AND key != '' ${ofDimension})`,
    params: { tenant, currency, from, to, ...(table === 'breakdowns' && { dimension }) },
  }
}

/** The same of what was sold by lines: an order counts once, on the day of the sale, however many lines it has of it. */
function soldSql(scope: MoneyScope, lines: string): string {
  const day = scope.axis === 'booked' ? 'booked_day[1]' : 'sale_day'
  return `(SELECT toString(of) AS key, ${day} AS day, toDecimal128(0, 4) AS revenue,
        toDecimal128(sign * amount, 4) AS sales, toInt64(sign * (nth = 1)) AS orders
      FROM ${tableOf(scope, 'order_changes')}
      ARRAY JOIN ${lines} AS of, line_amount AS amount, arrayEnumerateUniq(${lines}) AS nth
      WHERE tenant = {tenant:String} AND currency = {currency:String} AND ${day} BETWEEN {from:Date} AND {to:Date}
        AND sign != 0 AND counts AND kind = 'sale' AND of IN ({keys:Array(String)}))`
}
