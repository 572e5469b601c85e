/** What was stored of customers' segments. */
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import type { Division } from './read-division.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface CustomerSegment {
  customer: string
  revision: number
  /** ISO 8601, UTC. */
  at: string
  /** Division that named the segment. */
  mode: string
  /** Empty: none. */
  segment: string
  recency: number
  frequency: number
  monetary: number
  /** YYYY-MM-DD; 1970-01-01: none. */
  firstDay: string
  lastDay: string
  orders: number
  revenue: string
  currency: string
}

const COLUMNS = `customer, revision, at, mode, segment, recency, frequency, monetary, toString(first_day) AS firstDay,
  toString(last_day) AS lastDay, orders, revenue, currency`

const PAGE = 50_000

/** All of a tenant, in pages by customer. */
export async function* readCustomerSegments(
  warehouse: Warehouse,
  scope: Scope,
): AsyncGenerator<CustomerSegment[]> {
  for (let after = ''; ; ) {
    const rows = await warehouse.query<CustomerSegment>(
      `SELECT ${COLUMNS} FROM ${tableOf(scope, 'customer_segments')} FINAL
       WHERE tenant = {tenant:String} AND customer > {after:String} ORDER BY customer LIMIT ${PAGE}`,
      { params: { tenant: scope.tenant, after }, settings: { max_threads: 1 } },
    )
    yield rows
    if (rows.length < PAGE) return
    after = rows.at(-1)!.customer
  }
}

/** One customer by its key, as a division names it; undefined where nothing was stored of it. */
export async function readCustomerSegment(
  warehouse: Warehouse,
  scope: Scope & { division: Division },
  customer: string,
): Promise<CustomerSegment | undefined> {
  const { divided, sql } = scope.division
  const rows = await warehouse.query<CustomerSegment>(
    `SELECT ${COLUMNS.replace(' segment,', ` if(${divided}, ${sql}, '') AS segment,`)} FROM ${tableOf(scope, 'customer_segments')}
     WHERE tenant = {tenant:String} AND customer = {customer:String} ORDER BY revision DESC LIMIT 1`,
    { params: { tenant: scope.tenant, customer } },
  )
  return rows.map((row) => ({ ...row, at: toIso(row.at) }))[0]
}

/** Those of these customers of whom something was stored, in no order. */
export async function readSomeSegments(
  warehouse: Warehouse,
  scope: Scope,
  customers: readonly string[],
): Promise<CustomerSegment[]> {
  const found: CustomerSegment[] = []
  for (let at = 0; at < customers.length; at += ASKED_AT_ONCE) {
    const some = customers.slice(at, at + ASKED_AT_ONCE).map(quoteString)
    const rows = await warehouse.query<CustomerSegment>(
      `SELECT ${COLUMNS} FROM ${tableOf(scope, 'customer_segments')} FINAL
       WHERE tenant = {tenant:String} AND customer IN (${some.join(', ')})`,
      { params: { tenant: scope.tenant }, settings: { max_threads: 1, max_query_size: MAX_QUERY_BYTES } },
    )
    found.push(...rows)
  }
  return found
}

const ASKED_AT_ONCE = 1_000
const MAX_QUERY_BYTES = 8_000_000
