/** Invoices as canonical orders. What the file does not tell (costs, totals, payments) is left out, which means null. */
import { fromE4 } from '../../../core/contracts/money.ts'
import type { OrderEventInput, OrderKind } from '../../../core/contracts/order.ts'
import type { OrderStatus } from '../../../core/contracts/status.ts'
import type { Invoice } from './build-invoices.ts'
import { isReturned, type SoldOrder } from './match-refunds.ts'
import type { InvoiceLine } from './parse-line.ts'

export interface OrderSource {
  tenant: string
  source: string
  currency: string
}

/** A complete snapshot of a sale with the refunds it has had so far. */
export function saleEvent(order: SoldOrder, placedMs: number, from: OrderSource): OrderEventInput {
  const event = orderEvent(order.invoice, placedMs, from, { kind: 'sale', versionMs: order.versionMs })
  event.status = statusOf(order)
  if (order.refunds.length > 0)
    event.refunds = order.refunds.map(({ id, atMs, amountE4, lines }) => ({
      id,
      at: new Date(atMs).toISOString(),
      amount: fromE4(amountE4),
      // The next refund of the same cancellation must not grow inside an event that was built already.
      lines: [...lines],
    }))
  return event
}

/** Money that is no order: it has one version. */
export function moneyEvent(
  invoice: Invoice,
  placedMs: number,
  from: OrderSource,
  as: { kind: Exclude<OrderKind, 'sale'>; lines?: InvoiceLine[] },
): OrderEventInput {
  return orderEvent(invoice, placedMs, from, { ...as, versionMs: placedMs })
}

function orderEvent(
  invoice: Invoice,
  placedMs: number,
  from: OrderSource,
  as: { kind: OrderKind; versionMs: number; lines?: InvoiceLine[] },
): OrderEventInput {
  return {
    type: 'order',
    schemaVersion: 1,
    tenant: from.tenant,
    source: from.source,
    role: 'sale',
    orderId: invoice.id,
    version: as.versionMs,
    changedAt: new Date(as.versionMs).toISOString(),
    kind: as.kind,
    status: 'completed',
    placedAt: new Date(placedMs).toISOString(),
    customerId: invoice.customerId,
    currency: from.currency,
    country: invoice.country,
    lines: as.lines ?? invoice.lines,
  }
}

function statusOf(order: SoldOrder): OrderStatus {
  if (order.refunds.length === 0) return 'completed'
  return isReturned(order) ? 'refunded' : 'partially-refunded'
}
