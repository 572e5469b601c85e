/** Orders as canonical events. What is not told is left out, which means null. */
import type {
  CancellationEvent,
  OrderEventInput,
  PaymentEvent,
  Refund,
  RefundEvent,
} from '../../../core/contracts/order.ts'
import { instantText, moneyText } from './event-text.ts'
import type { Channel, OrderContent } from './invent-order.ts'
import type { SoldLine } from './product.ts'
import type { SimulationSettings } from './simulation-options.ts'

export type SimulatedOrderEvent = OrderEventInput | RefundEvent | PaymentEvent | CancellationEvent

export interface Payment {
  id: string
  atMs: number
  amountE4: number
}

/** The refund as events have it, and its numbers. */
export interface GivenBack {
  told: Refund
  amountE4: number
  unitsE4: number
}

/** Which version of which order, made when. */
export interface Stamp {
  orderId: string
  version: number
  changedMs: number
}

/** The others leave it to whoever adds up the lines. */
const STATES_TOTAL = new Set<Channel>(['web', 'app', 'marketplace'])

/** A complete snapshot. One literal: an object put together piece by piece costs ten times as much. */
export function orderEvent(
  { tenant, source, currency }: SimulationSettings,
  { orderId, version, changedMs }: Stamp,
  order: OrderContent,
): OrderEventInput {
  const { place } = order
  return {
    type: 'order',
    schemaVersion: 1,
    tenant,
    source,
    role: 'sale',
    orderId,
    version,
    changedAt: instantText(changedMs),
    status: order.status,
    placedAt: instantText(order.placedMs),
    paidAt: order.paidMs === null ? null : instantText(order.paidMs),
    cancelledAt: order.cancelledMs === null ? null : instantText(order.cancelledMs),
    customerId: order.customer,
    currency,
    region: place.region,
    state: place.state,
    country: place.country,
    channel: order.channel,
    salesRep: order.salesRep,
    discount: moneyText(order.discountE4),
    shipping: moneyText(order.shippingE4),
    tax: moneyText(order.taxE4),
    total: STATES_TOTAL.has(order.channel) ? moneyText(order.grossE4) : null,
    shipToHash: order.shipToHash,
    lines: order.lines.map(toldLine),
  }
}

export function refundEvent(from: SimulationSettings, stamp: Stamp, { told }: GivenBack): RefundEvent {
  return { ...headOf(from, stamp), type: 'order.refund', refund: told }
}

export function paymentEvent(from: SimulationSettings, stamp: Stamp, payment: Payment): PaymentEvent {
  const { id, atMs, amountE4 } = payment
  const told = { id, at: instantText(atMs), amount: moneyText(amountE4) }
  return { ...headOf(from, stamp), type: 'order.payment', payment: told }
}

export function cancellationEvent(from: SimulationSettings, stamp: Stamp): CancellationEvent {
  const cancellation = { id: `${stamp.orderId}-x${stamp.version}`, at: instantText(stamp.changedMs) }
  return { ...headOf(from, stamp), type: 'order.cancellation', cancellation }
}

function headOf({ tenant, source }: SimulationSettings, { orderId, version, changedMs }: Stamp) {
  const changedAt = instantText(changedMs)
  return { schemaVersion: 1, tenant, source, role: 'sale', orderId, version, changedAt } as const
}

function toldLine({ told }: SoldLine) {
  return told
}
