/**
 * Days on which customers bought, for the models of their value: of each customer how many, the first, the last, and what
 * the later ones brought. Sales in the tenant's currency alone, less their refunds: a credit of its own is no purchase.
 */
import type { Warehouse } from '../warehouse.ts'
import { type BuyerScope, ownSales, PAGE_CUSTOMERS, paramsOf, QUIET } from './read-buyers.ts'
import { tableOf } from './scope.ts'

export interface CustomerPurchases {
  customer: string
  orders: number
  /** Days since 1970-01-01. */
  firstDay: number
  lastDay: number
  /** Days with orders after the first. */
  repeats: number
  /** Of all of these, in 1/10,000 of the currency. */
  repeatValueE4: number
}

/** Of one tenant, up to a local day, it included. */
export interface PurchaseScope extends BuyerScope {
  /** YYYY-MM-DD. */
  upTo: string
}

/** Orders that count: what has come since the last look changes it. */
export async function countPurchases(warehouse: Warehouse, scope: PurchaseScope): Promise<number> {
  const rows = await warehouse.query<{ orders: string }>(
    `SELECT sum(${COUNTED}) AS orders FROM ${tableOf(scope, 'order_changes')} WHERE ${whereOf(scope)}`,
    { params: { ...paramsOf(scope), upTo: scope.upTo }, settings: QUIET },
  )
  return Number(rows[0]!.orders)
}

/** All who bought, page by page. */
export async function* readPurchases(
  warehouse: Warehouse,
  scope: PurchaseScope,
): AsyncGenerator<CustomerPurchases[]> {
  const table = tableOf(scope, 'order_changes')
  const params = { ...paramsOf(scope), upTo: scope.upTo }
  const [counted] = await warehouse.query<{ customers: string }>(
    `SELECT uniq(customer) AS customers FROM ${table} WHERE ${whereOf(scope)}`,
    { params, settings: QUIET },
  )
  const pages = Math.ceil((Number(counted!.customers) + 1) / PAGE_CUSTOMERS)
  for (let page = 0; page < pages; page++) {
    const rows = await warehouse.query<Row>(
      `SELECT customer, sum(d.orders) AS orders, minIf(day, d.orders > 0) AS first, maxIf(day, d.orders > 0) AS last,
         countIf(d.orders > 0) AS days, sumIf(d.value, d.orders > 0) - argMinIf(d.value, day, d.orders > 0) AS repeated
       FROM (SELECT customer, toInt32(sale_day) AS day, sum(${COUNTED}) AS orders,
           toInt64(sum(sign * net * (kind = 'sale')) * 10000) AS value
         FROM ${table} WHERE ${whereOf(scope)} AND cityHash64(customer) % ${pages} = ${page}
         GROUP BY customer, day) AS d
       GROUP BY customer HAVING days > 0`,
      { params, settings: QUIET },
    )
    yield rows.map(({ customer, orders, first, last, days, repeated }) => ({
      ...{ customer, orders: Number(orders), firstDay: first, lastDay: last },
      ...{ repeats: Number(days) - 1, repeatValueE4: Number(repeated) },
    }))
  }
}

interface Row {
  customer: string
  orders: string
  first: number
  last: number
  days: string
  repeated: string
}

const COUNTED = "sign * counts * (kind = 'sale')"

const whereOf = (scope: PurchaseScope) =>
  `sign != 0 AND ${ownSales(scope)} AND customer != '' AND sale_day <= {upTo:Date}`
