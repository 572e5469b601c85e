/** Customers of a range of days by what they brought. Who they are is told elsewhere: here is a pseudonym. */
import type { Warehouse } from '../warehouse.ts'
import { type Keyset, type Page, pageOf } from './keyset.ts'
import { type DayRange, type MoneyScope, tableOf, toIso } from './scope.ts'

export const CUSTOMER_SORTS = ['revenue', 'orders', 'last'] as const
export type CustomerSort = (typeof CUSTOMER_SORTS)[number]

export interface CustomerRow {
  customer: string
  revenue: string
  orders: number
  /** The last minute in which the customer's orders sum to more than 0; null: none is left of them. */
  lastOrderAt: string | null
}

export interface CustomerQuestion extends MoneyScope, DayRange {
  sort: CustomerSort
  /** Part of the pseudonym, whatever its case; undefined: all. */
  search?: string | undefined
  limit: number
  after?: Keyset | undefined
}

/** `total`: customers of all pages. Ranks move while orders come in: who overtakes the page's end is not on the next one. */
export async function readCustomerList(
  warehouse: Warehouse,
  question: CustomerQuestion,
): Promise<Page<CustomerRow> & { total: number }> {
  const { column, type } = SORTS[question.sort]
  const { tenant, currency, from, to, search, limit, after } = question
  const seek =
    after === undefined
      ? '1'
      : `(${column} < {value:${type}} OR (${column} = {value:${type}} AND customer > {key:String}))`
  const rows = await warehouse.query<Row>(
    `SELECT customer, revenue, orders, last, total FROM (SELECT *, count() OVER () AS total FROM (${customersSql(question)}))
     WHERE ${seek} ORDER BY ${column} DESC, customer LIMIT {wanted:UInt32}`,
    {
      params: {
        ...{ tenant, currency, from, to, wanted: limit + 1 },
        ...(search === undefined ? {} : { search }),
        ...(after === undefined ? {} : { value: after.value, key: after.keys[0] }),
      },
    },
  )
  const page = pageOf(rows, limit, (row) => ({ value: row[column], keys: [row.customer] }))
  return { total: Number(rows[0]?.total ?? 0), rows: page.rows.map(customerOf), next: page.next }
}

const SORTS = {
  revenue: { column: 'revenue', type: 'Decimal(38, 4)' },
  orders: { column: 'orders', type: 'Int64' },
  last: { column: 'last', type: "DateTime('UTC')" },
} as const

interface Row {
  customer: string
  revenue: string
  orders: string
  last: string
  total: string
}

/** By minute first: an order and its cancellation may stand in two rows of one minute. */
function customersSql(question: CustomerQuestion): string {
  const { axis, search } = question
  const found = search === undefined ? '' : ' AND positionCaseInsensitiveUTF8(customer, {search:String}) > 0'
  return `SELECT customer, sum(m.revenue) AS revenue, sum(m.orders) AS orders, maxIf(minute, m.orders > 0) AS last
    FROM (SELECT customer, minute, sum(${axis}_revenue) AS revenue, sum(${axis}_orders) AS orders
      FROM ${tableOf(question, 'customer_days')}
      WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date} AND currency = {currency:String}${found}
      GROUP BY customer, minute) AS m
    GROUP BY customer HAVING revenue != 0 OR orders != 0`
}

function customerOf({ customer, revenue, orders, last }: Row): CustomerRow {
  const lastOrderAt = last.startsWith('1970-01-01') ? null : toIso(last)
  return { customer, revenue, orders: Number(orders), lastOrderAt }
}
