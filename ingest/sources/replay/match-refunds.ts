/**
 * A cancellation invoice names no order, so the order is looked for. Rule, line by line: the most recent sale before it
 * (in the order of the timeline) of the same customer and country that has the same stock code and unit price, with at
 * least the returned quantity not yet returned. A line is never split over orders, so that lines keep their number:
 * splitting would find 34 more of 9,288 lines of Online Retail. A guest's line finds nothing.
 *
 * Limits: the last MAX_ORDERS orders of a customer are looked at; an order takes at most MAX_LIST refunds.
 */
import { fromE4, toE4 } from '../../../core/contracts/money.ts'
import { MAX_LIST } from '../../../core/contracts/order.ts'
import { type Invoice, lineAmountE4 } from './build-invoices.ts'
import type { InvoiceLine } from './parse-line.ts'

/** What an order has given back so far. */
export interface SoldOrder {
  invoice: Invoice
  /** Not yet returned, by line; undefined while nothing was. */
  leftE4: number[] | undefined
  refunds: MatchedRefund[]
  /** Version last sent, in ms. */
  versionMs: number
}

export interface MatchedRefund {
  id: string
  atMs: number
  amountE4: number
  lines: { sku: string; name: string; quantity: string; amount: string }[]
}

export interface RefundMatch {
  /** The orders that gave something back to this cancellation, in the order of its lines. */
  orders: SoldOrder[]
  /** Lines that found no order. */
  unmatched: InvoiceLine[]
}

export interface RefundMatcher {
  sell(invoice: Invoice, versionMs: number): SoldOrder
  /** Books each line of a cancellation at `atMs` and raises the version of the orders it touches. */
  refund(cancellation: Invoice, atMs: number): RefundMatch
}

export const MAX_ORDERS = 2_000

export function createRefundMatcher(): RefundMatcher {
  const byCustomer = new Map<string, SoldOrder[]>()
  return {
    sell(invoice, versionMs) {
      const order: SoldOrder = { invoice, leftE4: undefined, refunds: [], versionMs }
      if (invoice.customerId !== null) remember(byCustomer, invoice.customerId, order)
      return order
    },
    refund(cancellation, atMs) {
      const orders = new Set<SoldOrder>()
      const unmatched: InvoiceLine[] = []
      const sold = cancellation.customerId === null ? [] : (byCustomer.get(cancellation.customerId) ?? [])
      for (const line of cancellation.lines) {
        const order = findOrder(sold, cancellation, line)
        if (order === undefined) unmatched.push(line)
        else orders.add(giveBack(order, cancellation.id, atMs, line))
      }
      // The fold takes only versions that rise, and two cancellations may come in the same minute.
      for (const order of orders) order.versionMs = Math.max(atMs, order.versionMs + 1)
      return { orders: [...orders], unmatched }
    },
  }
}

/** Whether everything that was sold has come back. */
export function isReturned(order: SoldOrder): boolean {
  return order.leftE4?.every((left) => left === 0) ?? false
}

function remember(byCustomer: Map<string, SoldOrder[]>, customerId: string, order: SoldOrder): void {
  const sold = byCustomer.get(customerId)
  if (sold === undefined) byCustomer.set(customerId, [order])
  else if (sold.push(order) > MAX_ORDERS) sold.shift()
}

function findOrder(sold: readonly SoldOrder[], by: Invoice, line: InvoiceLine): SoldOrder | undefined {
  const quantityE4 = -toE4(line.quantity)
  if (quantityE4 <= 0) return undefined
  return sold.findLast(
    (order) =>
      order.invoice.country === by.country &&
      (order.refunds.length < MAX_LIST || order.refunds.at(-1)?.id === by.id) &&
      returnableE4(order, line) >= quantityE4,
  )
}

function returnableE4(order: SoldOrder, wanted: InvoiceLine): number {
  let sumE4 = 0
  order.invoice.lines.forEach((line, index) => {
    if (isSame(line, wanted)) sumE4 += order.leftE4?.[index] ?? soldE4(line)
  })
  return sumE4
}

function giveBack(order: SoldOrder, id: string, atMs: number, line: InvoiceLine): SoldOrder {
  order.leftE4 ??= order.invoice.lines.map(soldE4)
  const quantityE4 = -toE4(line.quantity)
  let openE4 = quantityE4
  for (const [index, sold] of order.invoice.lines.entries()) {
    if (!isSame(sold, line)) continue
    const takenE4 = Math.min(openE4, order.leftE4[index]!)
    order.leftE4[index]! -= takenE4
    openE4 -= takenE4
  }
  const amountE4 = lineAmountE4(quantityE4, toE4(line.unitPrice))
  let refund = order.refunds.at(-1)
  if (refund?.id !== id) {
    refund = { id, atMs, amountE4: 0, lines: [] }
    order.refunds.push(refund)
  }
  refund.amountE4 += amountE4
  refund.lines.push({
    sku: line.sku,
    name: line.name,
    quantity: line.quantity.slice(1),
    amount: fromE4(amountE4),
  })
  return order
}

/** Lines that took something back themselves have nothing to return. */
function soldE4(line: InvoiceLine): number {
  return Math.max(0, toE4(line.quantity))
}

function isSame(a: InvoiceLine, b: InvoiceLine): boolean {
  return a.sku === b.sku && a.unitPrice === b.unitPrice
}
