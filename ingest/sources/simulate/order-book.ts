/**
 * The accountant of one order: after each fact that is told he asks what the order is worth now, and books what is
 * missing on the day of the fact. Written from EXACTNESS.md and in another way than processors/orders/book-entries.ts,
 * so that the ledger is a second opinion.
 */
import { type OrderStatus, statusCounts } from '../../../core/contracts/status.ts'
import type { OrderContent } from './invent-order.ts'
import type { Amounts, SimulationLedger } from './ledger.ts'
import type { LocalCalendar } from './local-calendar.ts'

export interface OrderBook {
  saleDay: number
  status: OrderStatus
  /** Everything that is booked, so that it can move when the status does. */
  postings: (Amounts & { bookedDay: number })[]
  /** Refunds, whether the order counted at the time or not. */
  refundedE4: number
  refundedUnitsE4: number
}

/** What an order is when it is not refunded. */
export interface Terms {
  status: OrderStatus
  grossE4: number
  unitsE4: number
}

export function openBook(content: OrderContent, calendar: LocalCalendar): OrderBook {
  const saleDay = calendar.dayOf(content.placedMs)
  return { saleDay, status: content.status, postings: [], refundedE4: 0, refundedUnitsE4: 0 }
}

export function termsOf({ status, grossE4, unitsMilli }: OrderContent): Terms {
  return { status, grossE4, unitsE4: unitsMilli * 10 }
}

/** A new version took effect, or a cancellation. Nothing is booked of an order that never counted. */
export function bookTerms(ledger: SimulationLedger, book: OrderBook, terms: Terms, day: number): void {
  moveTo(ledger, book, terms.status)
  const counts = statusCounts(terms.status)
  const worth = {
    revenueE4: counts ? terms.grossE4 - book.refundedE4 : 0,
    unitsE4: counts ? terms.unitsE4 - book.refundedUnitsE4 : 0,
    orders: counts ? 1 : 0,
  }
  const booked = sumOf(book)
  const missing = {
    revenueE4: worth.revenueE4 - booked.revenueE4,
    refundsE4: 0,
    orders: worth.orders - booked.orders,
    unitsE4: worth.unitsE4 - booked.unitsE4,
  }
  const isNothing = missing.revenueE4 === 0 && missing.orders === 0 && missing.unitsE4 === 0
  if (!isNothing) post(ledger, book, missing, day)
}

export function bookRefund(
  ledger: SimulationLedger,
  book: OrderBook,
  refund: { amountE4: number; unitsE4: number },
  day: number,
): void {
  book.refundedE4 += refund.amountE4
  book.refundedUnitsE4 += refund.unitsE4
  if (!statusCounts(book.status)) return
  const amountE4 = 0 - refund.amountE4
  const unitsE4 = 0 - refund.unitsE4
  post(ledger, book, { revenueE4: amountE4, refundsE4: amountE4, orders: 0, unitsE4 }, day)
}

/** An order that will not change any more needs no book: it goes straight into the ledger. */
export function bookFinal(
  ledger: SimulationLedger,
  terms: Terms,
  days: { booked: number; sale: number },
): void {
  if (!statusCounts(terms.status)) return
  ledger.post(terms.status, days, {
    revenueE4: terms.grossE4,
    refundsE4: 0,
    orders: 1,
    unitsE4: terms.unitsE4,
  })
}

function post(ledger: SimulationLedger, book: OrderBook, amounts: Amounts, bookedDay: number): void {
  book.postings.push({ ...amounts, bookedDay })
  ledger.post(book.status, { booked: bookedDay, sale: book.saleDay }, amounts)
}

function moveTo(ledger: SimulationLedger, book: OrderBook, status: OrderStatus): void {
  if (status === book.status) return
  for (const posting of book.postings) {
    const days = { booked: posting.bookedDay, sale: book.saleDay }
    ledger.post(book.status, days, posting, -1)
    ledger.post(status, days, posting)
  }
  book.status = status
}

function sumOf({ postings }: OrderBook): Pick<Amounts, 'revenueE4' | 'orders' | 'unitsE4'> {
  const sum = { revenueE4: 0, orders: 0, unitsE4: 0 }
  for (const { revenueE4, orders, unitsE4 } of postings) {
    sum.revenueE4 += revenueE4
    sum.orders += orders
    sum.unitsE4 += unitsE4
  }
  return sum
}
