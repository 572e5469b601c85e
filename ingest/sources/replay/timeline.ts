/**
 * The timeline: each invoice in its order becomes a step, which is the order events it causes. Building it is a pure
 * function of the file and the settings, so that a position in it (a number of steps) means the same after a restart.
 */

import { toE4 } from '../../../core/contracts/money.ts'
import type { OrderEventInput } from '../../../core/contracts/order.ts'
import { instantOfLocal } from '../../../core/runtime/local-time.ts'
import { type Invoice, lineAmountE4 } from './build-invoices.ts'
import { createRefundMatcher } from './match-refunds.ts'
import { moneyEvent, type OrderSource, saleEvent } from './order-events.ts'
import type { InvoiceLine } from './parse-line.ts'

export interface TimelineSettings extends OrderSource {
  /** Zone of the file's wall times. */
  timeZone: string
}

export type StepKind = 'sale' | 'adjustment' | 'cancellation'

export interface Step {
  invoice: Invoice
  kind: StepKind
  events: OrderEventInput[]
  /** When it is to be sent: its instant, but never before the step before it (a clock change can turn two around). */
  dueMs: number
  /** Of a cancellation: what found no order. */
  creditLines: number
  creditE4: number
}

export interface Timeline {
  add(invoice: Invoice): Step
}

export function createTimeline(settings: TimelineSettings): Timeline {
  const matcher = createRefundMatcher()
  const placedMs = (invoice: Invoice) => instantOfLocal(invoice.localMs, settings.timeZone)
  let dueMs = 0

  function sale(invoice: Invoice): Pick<Step, 'kind' | 'events'> {
    const atMs = placedMs(invoice)
    if (isAdjustment(invoice))
      return { kind: 'adjustment', events: [moneyEvent(invoice, atMs, settings, { kind: 'adjustment' })] }
    return { kind: 'sale', events: [saleEvent(matcher.sell(invoice, atMs), atMs, settings)] }
  }

  function cancellation(invoice: Invoice): Omit<Step, 'invoice' | 'dueMs'> {
    const atMs = placedMs(invoice)
    const { orders, unmatched } = matcher.refund(invoice, atMs)
    const events = orders.map((order) => saleEvent(order, placedMs(order.invoice), settings))
    if (unmatched.length > 0)
      events.push(moneyEvent(invoice, atMs, settings, { kind: 'credit', lines: unmatched }))
    return { kind: 'cancellation', events, creditLines: unmatched.length, creditE4: amountE4(unmatched) }
  }

  return {
    add(invoice) {
      dueMs = Math.max(dueMs, placedMs(invoice))
      if (invoice.kind === 'cancellation') return { invoice, dueMs, ...cancellation(invoice) }
      return { invoice, dueMs, creditLines: 0, creditE4: 0, ...sale(invoice) }
    },
  }
}

/** Bad debt, and stock moves: lines at price zero that no customer stands behind. Money, but no order. */
function isAdjustment(invoice: Invoice): boolean {
  if (invoice.kind === 'adjustment') return true
  return invoice.customerId === null && invoice.lines.every(({ unitPrice }) => unitPrice === '0')
}

function amountE4(lines: readonly InvoiceLine[]): number {
  return lines.reduce(
    (sum, { quantity, unitPrice }) => sum + lineAmountE4(toE4(quantity), toE4(unitPrice)),
    0,
  )
}
