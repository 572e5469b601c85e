/**
 * Sales in the tenants' own currencies, for whoever judges orders one by one: each by the change by which it counted
 * first, so that it comes once, whatever becomes of it later.
 */
import { toE4 } from '../../core/contracts/money.ts'
import type { Warehouse } from '../warehouse.ts'
import {
  type BuyerScope,
  behindMarks,
  type Marks,
  type NewMarks,
  ownSales,
  paramsOf,
  QUIET,
  upToMarks,
} from './read-buyers.ts'
import { tableOf } from './scope.ts'

export interface NewOrder {
  tenant: string
  source: string
  orderId: string
  revision: number
  /** ms since the epoch. */
  placedAtMs: number
  /** Empty: a guest. */
  customer: string
  /** The first of region, state and country that is told; empty: none is. */
  region: string
  discountE4: number
  amountE4: number
  units: number
  /** Fingerprint of the means of payment, hash of the address; empty: not told. */
  card: string
  address: string
  /** The price that is farthest from its catalogue's; absent where none is known. */
  price?: { paidE4: number; catalogueE4: number }
}

/** New orders of each tenant in the batches behind `from`. */
export async function countNewOrders(
  warehouse: Warehouse,
  scope: BuyerScope,
  from: Marks,
  { marks, since }: NewMarks,
): Promise<Map<string, number>> {
  const rows = await warehouse.query<{ tenant: string; orders: string }>(
    `SELECT tenant, count() AS orders FROM (
       SELECT tenant FROM ${tableOf(scope, 'order_changes')}
       WHERE sign != 0 AND ${ownSales(scope)} AND ${behindMarks(from, marks)} ${FIRST_COUNTED})
     GROUP BY tenant`,
    { params: { since, ...paramsOf(scope) }, settings: QUIET },
  )
  return new Map(rows.map(({ tenant, orders }) => [tenant, Number(orders)]))
}

/** They themselves, by when they were placed; where `oneIn` is above 1, one in so many of that tenant, always the same. */
export async function readNewOrders(
  warehouse: Warehouse,
  scope: BuyerScope,
  from: Marks,
  { marks, since }: NewMarks,
  oneIn: ReadonlyMap<string, number>,
): Promise<NewOrder[]> {
  const rows = await warehouse.query<OrderRow>(
    `SELECT ${KEY}, ${VALUES.map((value) => `anyIf(o.${value}, o.sign = 1) AS ${value}`)}
     FROM (SELECT sign, counts, kind, sighting_counts, ${COLUMNS}
       FROM ${tableOf(scope, 'order_changes')}
       WHERE sign != 0 AND ${ownSales(scope)} AND ${behindMarks(from, marks)}
         AND ${SAMPLED}) AS o
     ${FIRST_COUNTED} ORDER BY placed_ms, ${KEY}`,
    { params: { since, ...sampledParams(oneIn), ...paramsOf(scope) }, settings: QUIET },
  )
  return rows.map(orderOf)
}

/** The latest `most` of a tenant at the marks, by when they were placed, as they are now: what is learned from at a start. */
export async function readRecentOrders(
  warehouse: Warehouse,
  { currencies, ...scope }: BuyerScope,
  { marks, tenant, most }: { marks: Marks; tenant: string; most: number },
): Promise<NewOrder[]> {
  if (marks.size === 0) return []
  const own = { ...scope, currencies: new Map([[tenant, currencies.get(tenant)!]]) }
  const rows = await warehouse.query<OrderRow>(
    `SELECT * FROM (
       SELECT ${COLUMNS} FROM ${tableOf(scope, 'order_changes')}
       WHERE sign = 1 AND counts = 1 AND kind = 'sale' AND ${ownSales(own)} AND ${upToMarks(marks)}
       ORDER BY placed_at DESC LIMIT {rows:UInt32})
     ORDER BY revision LIMIT 1 BY source, order_id`,
    { params: { rows: most * ROWS_AN_ORDER, ...paramsOf(own) }, settings: QUIET },
  )
  return rows
    .map(orderOf)
    .sort((a, b) => a.placedAtMs - b.placedAtMs)
    .slice(-most)
}

/** Of the same orders: by `tenant/source/order id`, the price that is farthest from its catalogue's. */
export async function readOddPrices(
  warehouse: Warehouse,
  scope: BuyerScope,
  from: Marks,
  { marks, since }: NewMarks,
  oneIn: ReadonlyMap<string, number>,
): Promise<Map<string, { paidE4: number; catalogueE4: number }>> {
  const known = await warehouse.query(
    `SELECT 1 FROM ${tableOf(scope, 'catalogue')} WHERE price > 0 LIMIT 1`,
    { settings: QUIET },
  )
  if (known.length === 0) return new Map()
  const rows = await warehouse.query<{ key: string; paid: string; price: string }>(
    `SELECT concat(l.tenant, '/', l.source, '/', l.order_id) AS key,
       toString(argMax(l.paid, abs(log2(toFloat64(l.paid) / toFloat64(c.price))))) AS paid,
       toString(argMax(c.price, abs(log2(toFloat64(l.paid) / toFloat64(c.price))))) AS price
     FROM (SELECT tenant, source, order_id, sku, paid
       FROM ${tableOf(scope, 'order_changes')} ARRAY JOIN line_sku AS sku, line_unit_price AS paid
       WHERE sign = 1 AND paid > 0 AND ${ownSales(scope)} AND ${behindMarks(from, marks)} AND ${SAMPLED}) AS l
     JOIN (SELECT tenant, sku, any(p.price) AS price FROM ${tableOf(scope, 'catalogue')} AS p FINAL
       WHERE p.price > 0 GROUP BY tenant, sku) AS c ON c.tenant = l.tenant AND c.sku = l.sku
     GROUP BY key`,
    { params: { since, ...sampledParams(oneIn), ...paramsOf(scope) }, settings: QUIET },
  )
  return new Map(rows.map(({ key, paid, price }) => [key, { paidE4: toE4(paid), catalogueE4: toE4(price) }]))
}

interface OrderRow {
  tenant: string
  source: string
  order_id: string
  revision: number
  placed_ms: string
  customer: string
  place: string
  discount: string
  amount: string
  units: string
  payment_fingerprint: string
  ship_to_hash: string
}

const KEY = 'tenant, source, order_id, revision'
const VALUES = [
  ...['placed_ms', 'customer', 'place', 'discount', 'amount', 'units'],
  ...['payment_fingerprint', 'ship_to_hash'],
]
const COLUMNS = `${KEY}, toUnixTimestamp64Milli(placed_at) AS placed_ms, customer,
  multiIf(region != '', region, state != '', state, country) AS place, ifNull(discount, 0) AS discount,
  gross AS amount, arraySum(line_quantity) AS units, payment_fingerprint, ship_to_hash`
/**
 * The state before counts in none of its sightings: else the order counted already, and counts again at the most. A change
 * stands there as one row or two, both of the same revision.
 */
const FIRST_COUNTED = `GROUP BY ${KEY}
  HAVING countIf(sign = 1 AND counts = 1 AND kind = 'sale') > 0 AND countIf(sign = -1 AND has(sighting_counts, 1)) = 0`
/** The same orders each time, whoever asks. */
const SAMPLED =
  'cityHash64(source, order_id) % transform(tenant, {sampled:Array(String)}, {oneIn:Array(UInt32)}, 1) = 0'
const sampledParams = (oneIn: ReadonlyMap<string, number>) => ({
  sampled: [...oneIn.keys()],
  oneIn: [...oneIn.values()],
})
/** Changes of the same order among the latest rows. */
const ROWS_AN_ORDER = 2

function orderOf(row: OrderRow): NewOrder {
  return {
    ...{ tenant: row.tenant, source: row.source, orderId: row.order_id, revision: row.revision },
    placedAtMs: Number(row.placed_ms),
    ...{ customer: row.customer, region: row.place },
    ...{ discountE4: toE4(row.discount), amountE4: toE4(row.amount), units: Number(row.units) },
    ...{ card: row.payment_fingerprint, address: row.ship_to_hash },
  }
}
