/**
 * Customers as they are now beside what they are expected to bring, by page. Who has bought since the last complete day alone
 * is known to no model yet: nulls, which stand behind everybody else.
 */
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Keyset, type Page, pageOf } from './keyset.ts'
import type { Division } from './read-division.ts'
import { type Scope, tableOf } from './scope.ts'

export const VALUE_SORTS = ['value', 'revenue', 'orders', 'last', 'alive', 'churn'] as const
export type ValueSort = (typeof VALUE_SORTS)[number]

export interface ValuedCustomer {
  customer: string
  /** Empty: none. */
  segment: string
  revenue: string
  orders: number
  /** YYYY-MM-DD. */
  lastDay: string
  alive: number | null
  churnRisk: number | null
  expectedOrders: number | null
  expectedValue: string | null
}

export interface ValueQuestion extends Scope {
  sort: ValueSort
  /** In whose words segments are told and asked for. */
  division: Division
  segment?: string | undefined
  /** Part of the pseudonym, whatever its case; undefined: all. */
  search?: string | undefined
  limit: number
  after?: Keyset | undefined
}

/** `total`: customers of all pages. `sql`: the first of them, as an analyst asks for it. */
export async function readValueList(
  warehouse: Warehouse,
  question: ValueQuestion,
): Promise<Page<ValuedCustomer> & { total: number; sql: string }> {
  const { tenant, sort, segment, search, limit, after } = question
  const { type } = SORTS[sort]
  const seek =
    after === undefined
      ? '1'
      : `(place < {value:${type}} OR (place = {value:${type}} AND customer > {key:String}))`
  const rows = await warehouse.query<Row>(
    `SELECT * FROM (SELECT *, ${SORTS[sort].place} AS place, count() OVER () AS total FROM (${listSql(question, 'run')}))
     WHERE ${seek} ORDER BY place DESC, customer LIMIT {wanted:UInt32}`,
    {
      params: {
        ...{ tenant, wanted: limit + 1 },
        ...(segment === undefined ? {} : { segment }),
        ...(search === undefined ? {} : { search }),
        ...(after === undefined ? {} : { value: after.value, key: after.keys[0] }),
      },
    },
  )
  const page = pageOf(rows, limit, (row) => ({ value: String(row.place), keys: [row.customer] }))
  const sql = `${listSql(question, 'analyst')}\nORDER BY ${SORTS[sort].place} DESC, customer\nLIMIT ${limit}`
  return { total: Number(rows[0]?.total ?? 0), rows: page.rows.map(customerOf), next: page.next, sql }
}

/** What the list is sorted by, the largest first; −1: it is not known. */
const SORTS = {
  value: { place: 'ifNull(expected_value, -1)', type: 'Decimal(18, 4)' },
  revenue: { place: 'revenue', type: 'Decimal(18, 4)' },
  orders: { place: 'orders', type: 'UInt32' },
  last: { place: 'last_day', type: 'Date' },
  alive: { place: 'ifNull(alive, -1)', type: 'Decimal(9, 6)' },
  churn: { place: 'ifNull(churn_risk, -1)', type: 'Decimal(9, 6)' },
} as const

interface Row {
  customer: string
  segment: string
  revenue: string
  orders: number
  last_day: string
  alive: string | null
  churn_risk: string | null
  expected_orders: string | null
  expected_value: string | null
  /** Text, but for counts. */
  place: string | number
  total: string
}

/** In lines, for it is read as well. Analysts' views know their tenant, and keep one row of a customer. */
function listSql(question: ValueQuestion, whose: 'run' | 'analyst'): string {
  const isRun = whose === 'run'
  const { sql: named, divided } = question.division
  const from = (table: string) => (isRun ? `${tableOf(question, table)} FINAL` : `revwall.v1_${table}`)
  const ofTenant = isRun ? 'tenant = {tenant:String}' : '1'
  const value = (name: 'segment' | 'search') => (isRun ? `{${name}:String}` : quoteString(question[name]!))
  const segment = question.segment === undefined ? '' : `\nWHERE segment = ${value('segment')}`
  const search =
    question.search === undefined
      ? ''
      : `\n    AND positionCaseInsensitiveUTF8(customer, ${value('search')}) > 0`
  return `SELECT customer, segment, revenue, orders, last_day,
  if(found, v.alive, NULL) AS alive, if(found, v.churn_risk, NULL) AS churn_risk,
  if(found, v.orders_12m, NULL) AS expected_orders, if(found, v.value_12m, NULL) AS expected_value
FROM (
  SELECT customer, if(${divided}, ${named}, '') AS segment, revenue, orders, last_day
  FROM ${from('customer_segments')}
  WHERE ${ofTenant} AND orders > 0${search}
) AS s
LEFT JOIN (
  SELECT customer, alive, churn_risk, orders_12m, value_12m, 1 AS found
  FROM ${from('customer_values')}
  WHERE ${ofTenant}
) AS v USING (customer)${segment}`
}

function customerOf({ customer, segment, revenue, orders, ...row }: Row): ValuedCustomer {
  const numberOf = (text: string | null) => (text === null ? null : Number(text))
  return {
    ...{ customer, segment, revenue, orders, lastDay: row.last_day },
    ...{ alive: numberOf(row.alive), churnRisk: numberOf(row.churn_risk) },
    ...{ expectedOrders: numberOf(row.expected_orders), expectedValue: row.expected_value },
  }
}
