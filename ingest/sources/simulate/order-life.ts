/** The life of an order that is not done yet: what happens to it, what is told of it, what the accountant books. */
import type { Catalogue } from './catalogue.ts'
import { giveBack } from './give-back.ts'
import { inventLine, type OrderContent, priced } from './invent-order.ts'
import type { SimulationLedger } from './ledger.ts'
import type { LocalCalendar } from './local-calendar.ts'
import { bookRefund, bookTerms, type OrderBook, openBook, termsOf } from './order-book.ts'
import {
  cancellationEvent,
  type GivenBack,
  orderEvent,
  type Payment,
  paymentEvent,
  refundEvent,
  type SimulatedOrderEvent,
  type Stamp,
} from './order-events.ts'
import type { Step } from './order-plan.ts'
import type { Place } from './places.ts'
import type { SoldLine } from './product.ts'
import { mix, Random } from './random.ts'
import type { SimulationSettings } from './simulation-options.ts'

export interface OrderLife {
  readonly random: Random
  readonly orderId: string
  readonly content: OrderContent
  readonly book: OrderBook
  plan: readonly Step[]
  version: number
  /** When something last happened to it: whatever follows happens later. */
  lastMs: number
  payments: Payment[]
  refunds: GivenBack[]
}

/** What a life goes on with. */
export interface Shop {
  settings: SimulationSettings
  catalogue: Catalogue
  calendar: LocalCalendar
  ledger: SimulationLedger
  placeAt: (fraction: number) => Place
}

const STREAM = 0x6c696665

export function beginLife(
  shop: Shop,
  order: { number: number; orderId: string; atMs: number; content: OrderContent; plan: readonly Step[] },
): OrderLife {
  const { number, orderId, atMs, content, plan } = order
  return {
    random: new Random(mix(shop.settings.seed, number), STREAM),
    orderId,
    content,
    book: openBook(content, shop.calendar),
    plan,
    version: 1,
    lastMs: atMs,
    payments: [],
    refunds: [],
  }
}

/** The next step of its plan happens; undefined where there is nothing left that it could happen to. */
export function liveOn(
  shop: Shop,
  life: OrderLife,
  step: Step,
  atMs: number,
): SimulatedOrderEvent | undefined {
  life.lastMs = atMs
  life.version += 1
  const { content, random } = life
  switch (step) {
    case 'pay':
      content.paidMs = atMs
      return become(shop, life, 'processing')
    case 'pay-alone':
      return payAlone(shop, life)
    case 'confirm':
      return become(shop, life, 'processing')
    case 'complete':
      return become(shop, life, 'completed')
    case 'fail':
      return become(shop, life, 'failed')
    case 'edit-address':
      content.place = shop.placeAt(random.next())
      if (content.shipToHash !== null)
        content.shipToHash = random
          .below(2 ** 32)
          .toString(16)
          .padStart(8, '0')
      return edit(shop, life)
    case 'edit-lines':
      content.lines = editedLines(content.lines, random, shop.catalogue)
      return edit(shop, life)
    case 'refund':
    case 'refund-alone':
      return refund(shop, life, step)
    case 'cancel':
      content.cancelledMs = atMs
      return become(shop, life, 'cancelled')
    case 'cancel-alone':
      return cancelAlone(shop, life)
    case 'restore':
      content.cancelledMs = null
      return become(shop, life, 'processing')
  }
}

function stampOf({ orderId, version, lastMs }: OrderLife): Stamp {
  return { orderId, version, changedMs: lastMs }
}

function become(shop: Shop, life: OrderLife, status: OrderContent['status']): SimulatedOrderEvent {
  life.content.status = status
  return tell(shop, life)
}

function edit(shop: Shop, life: OrderLife): SimulatedOrderEvent {
  priced(life.content)
  return tell(shop, life)
}

/** The present snapshot takes effect in the books, and is told with its refunds; payments are told alone. */
export function tell(shop: Shop, life: OrderLife): SimulatedOrderEvent {
  bookTerms(shop.ledger, life.book, termsOf(life.content), shop.calendar.dayOf(effectiveMs(life)))
  const event = orderEvent(shop.settings, stampOf(life), life.content)
  if (life.refunds.length > 0) event.refunds = life.refunds.map(({ told }) => told)
  return event
}

/** The sale itself is booked on the day of a payment known by then, else on its sale day; all later things when they happen. */
function effectiveMs({ book, content, payments, lastMs }: OrderLife): number {
  if (book.postings.length > 0) return lastMs
  return payments[0]?.atMs ?? content.paidMs ?? content.placedMs
}

function payAlone(shop: Shop, life: OrderLife): SimulatedOrderEvent {
  const payment = { id: `${life.orderId}-p1`, atMs: life.lastMs, amountE4: life.content.grossE4 }
  life.payments.push(payment)
  return paymentEvent(shop.settings, stampOf(life), payment)
}

function cancelAlone(shop: Shop, life: OrderLife): SimulatedOrderEvent {
  life.content.status = 'cancelled'
  bookTerms(shop.ledger, life.book, termsOf(life.content), shop.calendar.dayOf(life.lastMs))
  return cancellationEvent(shop.settings, stampOf(life))
}

function refund(
  shop: Shop,
  life: OrderLife,
  step: 'refund' | 'refund-alone',
): SimulatedOrderEvent | undefined {
  const given = giveBack(life.random, life)
  if (given === undefined) return undefined
  life.refunds.push(given)
  bookRefund(shop.ledger, life.book, given, shop.calendar.dayOf(life.lastMs))
  if (step === 'refund-alone') return refundEvent(shop.settings, stampOf(life), given)
  const isWhole = life.book.refundedE4 === life.content.grossE4
  return become(shop, life, isWhole ? 'refunded' : 'partially-refunded')
}

const MAX_LINES = 60

/** One line goes, or one comes. */
function editedLines(lines: readonly SoldLine[], random: Random, catalogue: Catalogue): SoldLine[] {
  const isShorter = lines.length > 1 && (random.chance(0.4) || lines.length >= MAX_LINES)
  return isShorter ? lines.slice(1) : [...lines, inventLine(random, catalogue)]
}
