/**
 * What customers bought, for RFM: counting sales and net revenue by customer and sale day, in each tenant's own currency,
 * guests left out. All of it at a vector of marks, or only what a few batches changed: signed sums, so that the one plus
 * the other is the whole at the later marks.
 */
import { markEnd, markPrefix } from '../native/mark-key.ts'
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { tableOf } from './scope.ts'

/** Days are days since 1970-01-01; revenue in 1/10,000 of the currency. */
export interface BuyerDay {
  tenant: string
  customer: string
  day: number
  /** May be negative in what batches changed: an order that was cancelled. */
  orders: number
  revenueE4: number
}

export interface Buyer {
  tenant: string
  customer: string
  orders: number
  revenueE4: number
  /** 0 where no order counts. */
  firstDay: number
  lastDay: number
}

/** The newest mark of each partition that has one. */
export type Marks = ReadonlyMap<number, BatchMark>

export interface BatchMark {
  last: number
  /** Its key in the table. */
  position: string
}

export interface BuyerScope {
  database: string
  topic: string
  /** Tenants and the currency of each. */
  currencies: ReadonlyMap<string, string>
}

export interface NewMarks {
  marks: Map<number, BatchMark>
  /** No row of the new batches was taken earlier, as ClickHouse writes it. */
  since: string
}

/** Batches behind `known` in so many partitions; undefined where there is none. */
export async function readNewMarks(
  warehouse: Warehouse,
  scope: BuyerScope,
  known: Marks,
  partitions: number,
): Promise<NewMarks | undefined> {
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  // The first batch has the key of the mark that opened its partition: which of two is newer its last offset says.
  const ranges = all.map(
    (p) => `(order_id >= {from${p}:String} AND order_id < {end${p}:String} AND mark_last > {last${p}:Int64})`,
  )
  const params = all.flatMap((p) => [
    [`from${p}`, known.get(p)?.position ?? markPrefix(p)],
    [`end${p}`, markEnd(p)],
    [`last${p}`, known.get(p)?.last ?? BEFORE_OPENING],
  ])
  const rows = await warehouse.query<{ partition: number; last: string; position: string; since: string }>(
    `SELECT partition, max(mark_last) AS last, max(order_id) AS position, min(taken_at) AS since
     FROM ${tableOf(scope, 'order_changes')} WHERE tenant = '' AND source = {topic:String} AND (${ranges.join(' OR ')})
     GROUP BY partition`,
    { params: { topic: scope.topic, ...Object.fromEntries(params) }, settings: QUIET },
  )
  if (rows.length === 0) return undefined
  const marks = new Map(
    rows.map(({ partition, last, position }) => [partition, { last: Number(last), position }]),
  )
  return { marks, since: rows.reduce((least, { since }) => (since < least ? since : least), rows[0]!.since) }
}

/** What the batches behind `from` up to `to` changed. */
export async function readBuyerDays(
  warehouse: Warehouse,
  scope: BuyerScope,
  from: Marks,
  { marks, since }: NewMarks,
): Promise<BuyerDay[]> {
  const rows = await warehouse.query<DayRow>(
    `${daysSql(scope, behindMarks(from, marks))}
     HAVING orders != 0 OR revenue != 0`,
    { params: { since, ...paramsOf(scope) }, settings: QUIET },
  )
  return rows.map((row) => ({
    tenant: row.tenant,
    customer: row.customer,
    day: row.day,
    orders: Number(row.orders),
    revenueE4: Number(row.revenue),
  }))
}

/** Of all customers, page by page; of a few, where they are given. */
export async function* readBuyers(
  warehouse: Warehouse,
  scope: BuyerScope,
  marks: Marks,
  customers?: readonly { tenant: string; customer: string }[],
): AsyncGenerator<Buyer[]> {
  if (marks.size === 0) return
  const upTo = upToMarks(marks)
  if (customers !== undefined) {
    for (let i = 0; i < customers.length; i += ASKED_AT_ONCE) {
      const some = customers.slice(i, i + ASKED_AT_ONCE)
      const pairs = some.map(({ tenant, customer }) => `(${quoteString(tenant)}, ${quoteString(customer)})`)
      yield await page(`${upTo} AND (tenant, customer) IN (${pairs.join(', ')})`)
    }
    return
  }
  const [counted] = await warehouse.query<{ customers: string }>(
    `SELECT uniq(tenant, customer) AS customers FROM ${tableOf(scope, 'order_changes')} WHERE customer != '' AND sign = 1`,
    { settings: QUIET },
  )
  const pages = Math.ceil((Number(counted!.customers) + 1) / PAGE_CUSTOMERS)
  for (let n = 0; n < pages; n++) yield await page(`${upTo} AND cityHash64(customer) % ${pages} = ${n}`)

  async function page(where: string): Promise<Buyer[]> {
    const rows = await warehouse.query<BuyerRow>(
      `SELECT tenant, customer, sum(d.orders) AS orders, sum(d.revenue) AS revenue, minIf(day, d.orders > 0) AS first,
         maxIf(day, d.orders > 0) AS last
       FROM (${daysSql(scope, where)}) AS d GROUP BY tenant, customer HAVING orders > 0 OR revenue != 0`,
      { params: paramsOf(scope), settings: { ...QUIET, max_query_size: MAX_QUERY_BYTES } },
    )
    return rows.map((row) => ({
      tenant: row.tenant,
      customer: row.customer,
      orders: Number(row.orders),
      revenueE4: Number(row.revenue),
      firstDay: row.first,
      lastDay: row.last,
    }))
  }
}

interface DayRow {
  tenant: string
  customer: string
  day: number
  orders: string
  revenue: string
}

interface BuyerRow {
  tenant: string
  customer: string
  orders: string
  revenue: string
  first: number
  last: number
}

export const PAGE_CUSTOMERS = 100_000
const ASKED_AT_ONCE = 1_000
/** An opening mark's last offset is one before the first: -1 at the least. */
const BEFORE_OPENING = -2
const MAX_QUERY_BYTES = 8_000_000
/** Beside what people look at. */
export const QUIET = { max_threads: 1 }

/** Rows of the batches behind `from`; the parameter `since` is that of NewMarks. */
export function behindMarks(from: Marks, marks: Marks): string {
  const ranges = [...marks].map(
    ([partition, { last }]) =>
      `(partition = ${partition} AND offset > ${from.get(partition)?.last ?? -1} AND offset <= ${last})`,
  )
  return `taken_at >= {since:DateTime64(3)} AND (${ranges.join(' OR ')})`
}

/** Rows of the batches up to `marks`, of which there is one at least. */
export function upToMarks(marks: Marks): string {
  const ranges = [...marks].map(([partition, { last }]) => `(partition = ${partition} AND offset <= ${last})`)
  return `(${ranges.join(' OR ')})`
}

/** Sales in their tenants' own currencies; with `paramsOf`. */
export function ownSales({ currencies }: BuyerScope): string {
  const own = [...currencies.keys()].map(
    (_, at) => `(tenant = {tenant${at}:String} AND currency = {currency${at}:String})`,
  )
  return `topic = {topic:String} AND role = 'sale' AND (${own.join(' OR ')})`
}

function daysSql(scope: BuyerScope, where: string): string {
  return `SELECT tenant, customer, toInt32(sale_day) AS day, sum(sign * counts * (kind = 'sale')) AS orders,
      toInt64(sum(sign * net) * 10000) AS revenue
    FROM ${tableOf(scope, 'order_changes')}
    WHERE sign != 0 AND ${ownSales(scope)} AND customer != '' AND ${where}
    GROUP BY tenant, customer, day`
}

export function paramsOf({ topic, currencies }: BuyerScope): Record<string, string> {
  const own = [...currencies].flatMap(([tenant, currency], at) => [
    [`tenant${at}`, tenant],
    [`currency${at}`, currency],
  ])
  return { topic, ...Object.fromEntries(own) }
}
