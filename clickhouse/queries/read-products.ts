import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type MoneyScope, tableOf } from './scope.ts'

export interface ProductSum {
  sku: string
  name: string
  revenue: string
  units: string
}

/** Articles by revenue, the largest first. An article's name is the last day's that has one. */
export function readProducts(
  warehouse: Warehouse,
  scope: MoneyScope & DayRange & { limit: number },
): Promise<ProductSum[]> {
  const { tenant, currency, from, to, limit, axis } = scope
  return warehouse.query<ProductSum>(
    `SELECT sku, argMax(p.name, (p.name != '', p.day, p.name)) AS name,
       sum(${axis}_revenue) AS revenue, sum(${axis}_units) AS units
     FROM ${tableOf(scope, 'products')} AS p
     WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND currency = {currency:String}
     GROUP BY sku HAVING revenue != 0 OR units != 0
     ORDER BY revenue DESC, sku LIMIT {limit:UInt32}`,
    { params: { tenant, currency, from, to, limit } },
  )
}
