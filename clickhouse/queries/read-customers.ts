import type { Warehouse } from '../warehouse.ts'
import { type Span, spanCondition, spanParams } from './read-headline.ts'
import { type MoneyScope, tableOf } from './scope.ts'

/** Distinct customers of each span: those whose orders in this currency sum to more than 0 in it. No guests. */
export async function readCustomers(
  warehouse: Warehouse,
  scope: MoneyScope,
  spans: readonly Span[],
): Promise<number[]> {
  const { tenant, currency } = scope
  const select = (_: Span, i: number) => `SELECT ${i} AS span, count() AS customers FROM (
      SELECT customer FROM ${tableOf(scope, 'customer_days')}
      WHERE ${spanCondition(i)} AND currency = {currency:String}
      GROUP BY customer HAVING sum(${scope.axis}_orders) > 0)`
  const rows = await warehouse.query<{ span: number; customers: string }>(
    spans.map(select).join('\nUNION ALL\n'),
    { params: { tenant, currency, ...spanParams(spans) } },
  )
  const counts = new Map(rows.map((row) => [row.span, Number(row.customers)]))
  return spans.map((_, i) => counts.get(i) ?? 0)
}
