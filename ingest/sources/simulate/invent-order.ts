/** What is ordered: who, where, which lines, and what they come to. All amounts are exact integers of 1/10,000 units. */
import type { OrderStatus } from '../../../core/contracts/status.ts'
import type { Catalogue } from './catalogue.ts'
import { quantityText } from './event-text.ts'
import type { Place } from './places.ts'
import type { Product, SoldLine } from './product.ts'
import type { Random } from './random.ts'

export interface OrderContent {
  status: OrderStatus
  placedMs: number
  paidMs: number | null
  cancelledMs: number | null
  /** Null is a guest. */
  customer: string | null
  place: Place
  channel: Channel
  salesRep: string | null
  shipToHash: string | null
  discountBp: number
  discountE4: number
  shippingE4: number
  taxE4: number
  lines: SoldLine[]
  unitsMilli: number
  /** Before refunds. */
  grossE4: number
}

export type Channel = 'web' | 'app' | 'store' | 'phone' | 'marketplace'

export interface Buyer {
  /** Null is a guest. */
  customer: string | null
  /** What place, channel and address follow from. */
  hash: number
  place: Place
}

const CHANNELS: readonly Channel[] = [
  'web',
  'web',
  'web',
  'app',
  'app',
  'store',
  'store',
  'marketplace',
  'phone',
]
const SALES_REPS = 14
const MAX_LINES = 40
const MAX_CHECKOUT_MS = 90_000
const FREE_SHIPPING_E4 = 600_000
/** Of the orders that are sent somewhere. */
const PAID_AT_ONCE = 0.7

export function inventOrder(
  random: Random,
  atMs: number,
  buyer: Buyer,
  from: { catalogue: Catalogue; linesMean: number; discountBp: number },
): OrderContent {
  const channel = CHANNELS[(buyer.hash + random.below(3)) % CHANNELS.length]!
  const isSent = channel !== 'store'
  // Placed a moment before it is told: an order of midnight may be paid on the next day.
  const placedMs = atMs - random.below(MAX_CHECKOUT_MS)
  const lines = [inventLine(random, from.catalogue)]
  const more = 1 - 1 / from.linesMean
  while (lines.length < MAX_LINES && random.next() < more) lines.push(inventLine(random, from.catalogue))
  return priced({
    status: 'completed',
    placedMs,
    paidMs: isSent && random.chance(PAID_AT_ONCE) ? atMs : null,
    cancelledMs: null,
    customer: buyer.customer,
    place: buyer.place,
    channel,
    salesRep: isSent && channel !== 'phone' ? null : `rep-${10 + random.below(SALES_REPS)}`,
    shipToHash: isSent ? buyer.hash.toString(16).padStart(8, '0') : null,
    discountBp: from.discountBp,
    discountE4: 0,
    shippingE4: 0,
    taxE4: 0,
    lines,
    unitsMilli: 0,
    grossE4: 0,
  })
}

/** The same order with what follows from its lines, place and discount: it is the source that rounds, to whole cents. */
export function priced(order: OrderContent): OrderContent {
  let sumE4 = 0
  let unitsMilli = 0
  for (const { amountE4, milli } of order.lines) {
    sumE4 += amountE4
    unitsMilli += milli
  }
  const discountE4 = wholeCents(sumE4, order.discountBp)
  const isFree = order.channel === 'store' || sumE4 - discountE4 >= FREE_SHIPPING_E4
  const shippingE4 = isFree ? 0 : order.place.shippingCents * 100
  const taxE4 = wholeCents(sumE4 - discountE4 + shippingE4, order.place.taxBp)
  order.discountE4 = discountE4
  order.shippingE4 = shippingE4
  order.taxE4 = taxE4
  order.unitsMilli = unitsMilli
  order.grossE4 = sumE4 - discountE4 + shippingE4 + taxE4
  return order
}

/** A share in hundredths of a percent, rounded down to 1/100 units. */
function wholeCents(amountE4: number, bp: number): number {
  return bp === 0 ? 0 : Math.floor((amountE4 * bp) / 1_000_000) * 100
}

export function inventLine(random: Random, catalogue: Catalogue): SoldLine {
  const product = catalogue.draw(random)
  const milli = inventMilli(random, product)
  if (milli !== 1_000) return lineOf(product, milli)
  // Most lines are of one piece: the same line serves them all, until the price changes.
  product.single ??= lineOf(product, milli)
  return product.single
}

function inventMilli(random: Random, { section }: Product): number {
  if (section.byWeight) return random.int(50, 2_500)
  return random.chance(0.72) ? 1_000 : random.int(2, random.chance(0.08) ? 48 : 6) * 1_000
}

function lineOf({ sku, name, section, priceText, costText, priceE4 }: Product, milli: number): SoldLine {
  const quantity = quantityText(milli)
  const told = { sku, name, category: section.path[1]!, quantity, unitPrice: priceText, unitCost: costText }
  return { told, milli, amountE4: thousandths(milli * priceE4) }
}

/** A thousandth of an exact integer, rounded half-even: how the contract rounds a quantity times a price. */
export function thousandths(product: number): number {
  const rest = product % 1_000
  const floor = (product - rest) / 1_000
  if (rest < 500) return floor
  return rest > 500 || floor % 2 === 1 ? floor + 1 : floor
}
