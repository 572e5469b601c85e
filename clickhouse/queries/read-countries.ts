import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export interface CountrySum {
  /** Empty: not told. */
  country: string
  revenue: string
  orders: number
}

/** Countries by revenue, the largest first. */
export async function readCountries(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & { limit: number },
): Promise<CountrySum[]> {
  const { tenant, currency, from, to, limit, axis } = scope
  const rows = await warehouse.query<{ country: string; revenue: string; orders: string }>(
    `SELECT country, sum(${axis}_revenue) AS revenue, sum(${axis}_orders) AS orders
     FROM ${tableOf(scope, 'quarter_hours')}
     WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND currency = {currency:String}
     GROUP BY country HAVING revenue != 0 OR orders != 0
     ORDER BY revenue DESC, country LIMIT {limit:UInt32}`,
    { params: { tenant, currency, from, to, limit } },
  )
  return rows.map((row) => ({ ...row, orders: Number(row.orders) }))
}
