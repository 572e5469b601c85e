/**
 * A small shop with a ledger of its own: new orders, edits with strictly rising versions, refunds, cancellations. What
 * it owes the table is a net amount for each order; the days and axes are the oracle's matter.
 */
import { fromE4 } from '../../core/contracts/money.ts'
import type { OrderEventInput } from '../../core/contracts/order.ts'
import type { Random } from './random.ts'

export const TENANT = { id: 'acme', name: 'Acme', timeZone: 'Europe/London', currency: 'GBP' }
export const SOURCE = 'shop'

export interface OrdersFeed {
  next(): OrderEventInput
  /** Order id to what it counts now, in 1/10,000 units. */
  readonly ledger: ReadonlyMap<string, number>
}

interface ShopOrder {
  event: OrderEventInput
  grossE4: number
}

const START_MS = Date.UTC(2024, 2, 29, 20)
const STEP_MS = 61_000
const LINES = 3

export function createOrdersFeed(random: Random): OrdersFeed {
  const orders: ShopOrder[] = []
  const ledger = new Map<string, number>()
  let clock = START_MS
  const now = () => {
    clock += STEP_MS
    return new Date(clock).toISOString()
  }

  const place = () => {
    const id = `o${orders.length}`
    const event = { ...EMPTY, orderId: id, placedAt: now(), customerId: `c${random.integer(0, 9)}` }
    const order = { event, grossE4: 0 }
    orders.push(order)
    return order
  }
  const next = () => {
    const isNew = orders.length === 0 || random.next() < 0.6
    const order = isNew ? place() : orders[random.integer(0, orders.length - 1)]!
    if (isNew) setLines(order, random)
    else change(order, random, now())
    order.event = { ...order.event, version: order.event.version + 1, changedAt: now() }
    ledger.set(order.event.orderId, netOf(order))
    return order.event
  }
  return { next, ledger }
}

const EMPTY: OrderEventInput = {
  type: 'order',
  schemaVersion: 1,
  tenant: TENANT.id,
  source: SOURCE,
  orderId: '',
  version: 0,
  changedAt: '',
  status: 'processing',
  placedAt: '',
  currency: 'GBP',
  country: 'United Kingdom',
}

function setLines(order: ShopOrder, random: Random): void {
  const lines = Array.from({ length: LINES }, (_, index) => {
    const amountE4 = random.integer(1, 90_000) * 100
    return { sku: `s${index}`, name: `Thing ${index}`, quantity: '1', unitPrice: fromE4(amountE4), amountE4 }
  })
  order.grossE4 = lines.reduce((sum, { amountE4 }) => sum + amountE4, 0)
  order.event = { ...order.event, lines: lines.map(({ amountE4: _, ...line }) => line) }
}

function change(order: ShopOrder, random: Random, at: string): void {
  const dice = random.next()
  const { refunds = [] } = order.event
  if (dice < 0.4) setLines(order, random)
  else if (dice < 0.8) {
    const refund = { id: `r${refunds.length}`, at, amount: fromE4(random.integer(1, 500) * 100) }
    order.event = { ...order.event, refunds: [...refunds, refund] }
  } else if (order.event.status === 'cancelled') order.event = { ...order.event, status: 'completed' }
  else order.event = { ...order.event, status: 'cancelled' }
}

function netOf({ event, grossE4 }: ShopOrder): number {
  if (event.status === 'cancelled') return 0
  const refunded = (event.refunds ?? []).reduce(
    (sum, { amount }) => sum + Math.round(Number(amount) * 10_000),
    0,
  )
  return grossE4 - refunded
}
