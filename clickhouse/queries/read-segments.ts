/** What was stored of customers' segments. */
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { type DayRange, type Scope, tableOf, toIso } from './scope.ts'

export interface CustomerSegment {
  customer: string
  revision: number
  /** ISO 8601, UTC. */
  at: string
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

const COLUMNS = `customer, revision, at, segment, recency, frequency, monetary, toString(first_day) AS firstDay,
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

/** One customer by its key; undefined where nothing was stored of it. */
export async function readCustomerSegment(
  warehouse: Warehouse,
  scope: Scope,
  customer: string,
): Promise<CustomerSegment | undefined> {
  const rows = await warehouse.query<CustomerSegment>(
    `SELECT ${COLUMNS} FROM ${tableOf(scope, 'customer_segments')}
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

export interface SegmentSums {
  segment: string
  customers: number
  revenue: string
}

/** The segments as they are now, the largest revenue first. */
export async function readSegmentSums(warehouse: Warehouse, scope: Scope): Promise<SegmentSums[]> {
  const rows = await warehouse.query<Omit<SegmentSums, 'customers'> & { customers: string }>(
    `SELECT segment, count() AS customers, sum(c.revenue) AS revenue
     FROM ${tableOf(scope, 'customer_segments')} AS c FINAL
     WHERE tenant = {tenant:String} AND segment != '' GROUP BY segment ORDER BY revenue DESC, segment`,
    { params: { tenant: scope.tenant } },
  )
  return rows.map((row) => ({ ...row, customers: Number(row.customers) }))
}

export interface SegmentDay {
  day: string
  segment: string
  at: string
  customers: number
  revenue: string
}

/** Customers and revenue by segment as they stood last on each day that has a word of it. */
export async function readSegmentDays(warehouse: Warehouse, scope: Scope & DayRange): Promise<SegmentDay[]> {
  const { tenant, from, to } = scope
  const rows = await warehouse.query<SegmentDay>(
    `SELECT toString(day) AS day, segment, at, customers, revenue FROM ${tableOf(scope, 'segment_days')} AS d FINAL
     WHERE tenant = {tenant:String} AND d.day BETWEEN {from:Date} AND {to:Date}
     ORDER BY day, segment`,
    { params: { tenant, from, to } },
  )
  return rows.map((row) => ({ ...row, at: toIso(row.at) }))
}

export interface SegmentMoves {
  /** Empty: none. */
  from: string
  to: string
  customers: number
  revenue: string
}

/** How many moved from where to where in a range of days: each move counts, whatever came after it. */
export async function readSegmentMoves(
  warehouse: Warehouse,
  scope: Scope & DayRange,
): Promise<SegmentMoves[]> {
  const { tenant, from, to } = scope
  const rows = await warehouse.query<Omit<SegmentMoves, 'customers'> & { customers: string }>(
    `SELECT came_from AS from, segment AS to, count() AS customers, sum(m.revenue) AS revenue
     FROM ${tableOf(scope, 'segment_moves')} AS m FINAL
     WHERE tenant = {tenant:String} AND day BETWEEN {from:Date} AND {to:Date}
     GROUP BY came_from, segment ORDER BY came_from, segment`,
    { params: { tenant, from, to } },
  )
  return rows.map((row) => ({ ...row, customers: Number(row.customers) }))
}
