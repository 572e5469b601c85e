import type { Warehouse } from '../warehouse.ts'
import type { DayRange, MoneyScope } from './scope.ts'
import { soldArticlesSql } from './sold-articles.ts'

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
  const { tenant, currency, from, to, limit } = scope
  return warehouse.query<ProductSum>(
    `SELECT sku, argMax(p.name, (p.name != '', p.day, p.name)) AS name,
       sum(p.revenue) AS revenue, sum(p.units) AS units
     FROM ${soldArticlesSql(scope)} AS p
     GROUP BY sku HAVING revenue != 0 OR units != 0
     ORDER BY revenue DESC, sku LIMIT {limit:UInt32}`,
    { params: { tenant, currency, from, to, limit } },
  )
}
