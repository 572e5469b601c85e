/** One order with its lists and everything that was accepted of it. Read by the base table's own key. */
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface OrderDetail {
  source: string
  orderId: string
  kind: string
  status: string
  counts: boolean
  /** Null while only parts of the order are known. */
  placedAt: string | null
  saleDay: string | null
  paidAt: string | null
  changedAt: string
  cancelledAt: string | null
  timeZone: string
  customer: string
  currency: string
  region: string
  state: string
  country: string
  channel: string
  salesRep: string
  discount: string | null
  shipping: string | null
  tax: string | null
  statedTotal: string | null
  gross: string
  refunded: string
  net: string
  references: { system: string; id: string }[]
  lines: OrderLine[]
  payments: { id: string; at: string; amount: string }[]
  refunds: (OrderRefund & { lines: Omit<OrderLine, 'category' | 'unitPrice' | 'unitCost'>[] })[]
  /** What is booked on which day. */
  entries: OrderEntry[]
  /** The newest first, MAX_HISTORY at most; `changes` is how many there are. */
  history: OrderChange[]
  changes: number
}

export interface OrderLine {
  sku: string
  name: string
  category: string
  quantity: string
  unitPrice: string
  unitCost: string | null
  amount: string
}

export interface OrderRefund {
  id: string
  at: string
  amount: string
}

export interface OrderEntry {
  at: string
  day: string
  kind: string
  reference: string
  currency: string
  amount: string
  orders: number
  units: string
}

/** An accepted change: the order as it was from then on. */
export interface OrderChange {
  revision: number
  takenAt: string
  version: string
  changedAt: string
  status: string
  counts: boolean
  currency: string
  gross: string
  refunded: string
  net: string
}

/** An order that is changed without end must not make an answer without end. */
export const MAX_HISTORY = 200

/** Null: the tenant has no such order. */
export async function readOrder(
  warehouse: Warehouse,
  scope: Scope & { source: string; orderId: string },
): Promise<OrderDetail | null> {
  const [[row], history] = await Promise.all([readPresent(warehouse, scope), readHistory(warehouse, scope)])
  return row === undefined ? null : detailOf(row, history)
}

const BY_KEY =
  'tenant = {tenant:String} AND source = {source:String} AND order_id = {orderId:String} AND sign = 1'

type Key = Scope & { source: string; orderId: string }
const paramsOf = ({ tenant, source, orderId }: Key) => ({ tenant, source, orderId })

function readPresent(warehouse: Warehouse, scope: Key): Promise<Row[]> {
  return warehouse.query<Row>(
    `SELECT ${COLUMNS} FROM ${tableOf(scope, 'order_changes')} WHERE ${BY_KEY} ORDER BY revision DESC LIMIT 1`,
    { params: paramsOf(scope) },
  )
}

async function readHistory(warehouse: Warehouse, scope: Key): Promise<OrderChange[]> {
  const rows = await warehouse.query<ChangeRow>(
    `SELECT revision, taken_at, version, changed_at, status, counts, currency, gross, refunded, net
     FROM ${tableOf(scope, 'order_changes')} WHERE ${BY_KEY} ORDER BY revision DESC LIMIT {limit:UInt32}`,
    { params: { ...paramsOf(scope), limit: MAX_HISTORY } },
  )
  return rows.map(({ taken_at, changed_at, counts, ...row }) => ({
    ...row,
    takenAt: toIso(taken_at),
    changedAt: toIso(changed_at),
    counts: counts === 1,
  }))
}

interface ChangeRow extends Omit<OrderChange, 'takenAt' | 'changedAt' | 'counts'> {
  taken_at: string
  changed_at: string
  counts: number
}

const COLUMNS = `source, order_id, revision, kind, status, counts, placed_at, sale_day, paid_at, changed_at, cancelled_at,
  zone, customer, currency, region, state, country, channel, sales_rep, discount, shipping, tax, stated_total, gross,
  refunded, net, arrayZip(reference_system, reference_id) AS references,
  arrayZip(line_sku, line_name, line_category, line_quantity, line_unit_price, line_unit_cost, line_amount) AS lines,
  arrayZip(payment_id, payment_at, payment_amount) AS payments, arrayZip(refund_id, refund_at, refund_amount) AS refunds,
  arrayZip(refund_line_refund, refund_line_sku, refund_line_name, refund_line_quantity, refund_line_amount) AS refund_lines,
  arrayZip(booked_at, booked_day, booked_kind, booked_reference, booked_currency, booked_amount, booked_orders, booked_units) AS entries`

type Text = Record<
  | 'source'
  | 'order_id'
  | 'kind'
  | 'status'
  | 'placed_at'
  | 'sale_day'
  | 'changed_at'
  | 'zone'
  | 'customer'
  | 'currency'
  | 'region'
  | 'state'
  | 'country'
  | 'channel'
  | 'sales_rep'
  | 'gross'
  | 'refunded'
  | 'net',
  string
>
type Optional = Record<
  'paid_at' | 'cancelled_at' | 'discount' | 'shipping' | 'tax' | 'stated_total',
  string | null
>

interface Row extends Text, Optional {
  revision: number
  counts: number
  references: [string, string][]
  lines: [string, string, string, string, string, string | null, string][]
  payments: [string, string, string][]
  refunds: [string, string, string][]
  refund_lines: [string, string, string, string, string][]
  entries: [string, string, string, string, string, string, number, string][]
}

const isoOr = (at: string | null) => (at === null ? null : toIso(at))
const known = (at: string) => (at.startsWith('1970-01-01') ? null : at)

function detailOf(row: Row, history: OrderChange[]): OrderDetail {
  const { source, kind, status, customer, currency, region, state, country, channel } = row
  const { discount, shipping, tax, gross, refunded, net } = row
  return {
    ...{ source, orderId: row.order_id, kind, status, counts: row.counts === 1 },
    ...{ placedAt: isoOr(known(row.placed_at)), saleDay: known(row.sale_day), paidAt: isoOr(row.paid_at) },
    ...{ changedAt: toIso(row.changed_at), cancelledAt: isoOr(row.cancelled_at), timeZone: row.zone },
    ...{ customer, currency, region, state, country, channel, salesRep: row.sales_rep },
    ...{ discount, shipping, tax, statedTotal: row.stated_total, gross, refunded, net },
    ...listsOf(row),
    ...{ history, changes: row.revision },
  }
}

function listsOf(row: Row): Pick<OrderDetail, 'references' | 'lines' | 'payments' | 'refunds' | 'entries'> {
  const linesOf = (refund: string) =>
    row.refund_lines
      .filter(([of]) => of === refund)
      .map(([, sku, name, quantity, amount]) => ({ sku, name, quantity, amount }))
  return {
    references: row.references.map(([system, id]) => ({ system, id })),
    lines: row.lines.map(([sku, name, category, quantity, unitPrice, unitCost, amount]) => ({
      ...{ sku, name, category, quantity, unitPrice, unitCost, amount },
    })),
    payments: row.payments.map(([id, at, amount]) => ({ id, at: toIso(at), amount })),
    refunds: row.refunds.map(([id, at, amount]) => ({ id, at: toIso(at), amount, lines: linesOf(id) })),
    entries: row.entries.map(([at, day, kind, reference, currency, amount, orders, units]) => ({
      ...{ at: toIso(at), day, kind, reference, currency, amount, orders, units },
    })),
  }
}
