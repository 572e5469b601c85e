import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type Scope, tableOf } from './scope.ts'

/**
 * Lines of the orders that were placed on these days, and of their refunds, whether they count or not: what a file of
 * order lines would hold. Reads the base table.
 */
export async function readLines(warehouse: Warehouse, scope: Scope & DayRange): Promise<number> {
  const { tenant, from, to } = scope
  const rows = await warehouse.query<{ lines: string }>(
    `SELECT sum(sign * toInt64(length(line_sku) + length(refund_line_sku))) AS lines
     FROM ${tableOf(scope, 'order_changes')}
     WHERE tenant = {tenant:String} AND sign != 0 AND sale_day BETWEEN {from:Date} AND {to:Date}`,
    { params: { tenant, from, to } },
  )
  return Number(rows[0]?.lines ?? 0)
}
