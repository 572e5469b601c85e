/** An order as the test source holds it, and the event that it makes of it. */
import type { OrderEventInput } from '../../core/contracts/order.ts'
import type { OrderStatus } from '../../core/contracts/status.ts'
import { decimalText, timesE4 } from './exact-decimal.ts'

export interface SoldLine {
  sku: string
  name: string
  category: string | null
  quantityE4: bigint
  unitPriceE4: bigint
  /** What the source charges where that is not quantity × price. */
  chargedE4: bigint | null
}

export interface GivenBack {
  id: string
  at: number
  amountE4: bigint
  lines: { sku: string; name: string; quantityE4: bigint; amountE4: bigint }[]
}

export interface Snapshot {
  kind: 'sale' | 'credit' | 'adjustment'
  status: OrderStatus
  placedAt: number
  paidAt: number | null
  cancelledAt: number | null
  customerId: string | null
  currency: string
  country: string | null
  discountE4: bigint | null
  shippingE4: bigint | null
  taxE4: bigint | null
  /** Believed, whatever the lines add up to. */
  totalE4: bigint | null
  lines: SoldLine[]
  payments: { id: string; at: number; amountE4: bigint }[]
  refunds: GivenBack[]
}

export interface Stamp {
  tenant: string
  source: string
  orderId: string
  version: number
  changedAt: number
}

/** The statuses under which an order counts, as EXACTNESS.md and the table of statuses say. */
const COUNTING = new Set<OrderStatus>([
  'on-hold',
  'processing',
  'completed',
  'partially-refunded',
  'refunded',
])

export function countsIn(status: OrderStatus): boolean {
  return COUNTING.has(status)
}

export function lineAmountE4(line: SoldLine): bigint {
  return line.chargedE4 ?? timesE4(line.quantityE4, line.unitPriceE4)
}

export function grossE4(order: Snapshot): bigint {
  if (order.totalE4 !== null) return order.totalE4
  const lines = order.lines.reduce((sum, line) => sum + lineAmountE4(line), 0n)
  return lines - (order.discountE4 ?? 0n) + (order.shippingE4 ?? 0n) + (order.taxE4 ?? 0n)
}

export function head(stamp: Stamp) {
  const { changedAt, ...rest } = stamp
  return { schemaVersion: 1 as const, ...rest, changedAt: iso(changedAt) }
}

export function orderEventOf(order: Snapshot, stamp: Stamp): OrderEventInput {
  const { kind, status, customerId, currency, country } = order
  return {
    type: 'order',
    ...head(stamp),
    ...{ kind, status, customerId, currency, country },
    ...splitsOf(order),
    placedAt: iso(order.placedAt),
    paidAt: order.paidAt === null ? null : iso(order.paidAt),
    cancelledAt: order.cancelledAt === null ? null : iso(order.cancelledAt),
    discount: optionalText(order.discountE4),
    shipping: optionalText(order.shippingE4),
    tax: optionalText(order.taxE4),
    total: optionalText(order.totalE4),
    payments: order.payments.map(paymentOf),
    refunds: order.refunds.map(refundOf),
    lines: order.lines.map(lineOf),
  }
}

export function paymentOf({ id, at, amountE4 }: Snapshot['payments'][number]) {
  return { id, at: iso(at), amount: decimalText(amountE4) }
}

export function refundOf({ id, at, amountE4, lines }: GivenBack) {
  return {
    id,
    at: iso(at),
    amount: decimalText(amountE4),
    lines: lines.map(({ sku, name, quantityE4, amountE4: amount }) => ({
      sku,
      name,
      quantity: decimalText(quantityE4),
      amount: decimalText(amount),
    })),
  }
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

function lineOf(line: SoldLine) {
  const { sku, name, category } = line
  const quantity = decimalText(line.quantityE4)
  return {
    sku,
    name,
    category,
    quantity,
    unitPrice: decimalText(line.unitPriceE4),
    unitCost: unitCostOf(line),
    amount: optionalText(line.chargedE4),
  }
}

/** By what else an order is split; out of what it has already, so that seeds mean what they meant. Some are not told. */
function splitsOf({ placedAt, country, customerId }: Snapshot) {
  const second = Math.floor(placedAt / 1_000)
  return {
    region: second % 4 === 0 ? null : `Region ${second % 3}`,
    state: country === null ? null : `State of ${country}`,
    channel: second % 5 === 0 ? null : 'web',
    salesRep: customerId === null ? null : `Rep ${customerId.length}`,
  }
}

/** Every third article has no cost; where there is one it has four decimals, so that products must be rounded. */
function unitCostOf({ sku, unitPriceE4 }: SoldLine): string | null {
  return sku.length % 3 === 0 || sku.endsWith('3') ? null : decimalText((unitPriceE4 * 7n) / 11n)
}

function optionalText(valueE4: bigint | null): string | null {
  return valueE4 === null ? null : decimalText(valueE4)
}
