/**
 * An order as its source knows it at one version, and the facts about an order that can come alone: a refund, a
 * payment, a cancellation. Money is in `currency`, as decimal strings; null means that the source does not tell.
 */
import { z } from 'zod'
import { currency, externalId, instant, label, source, tenant, version } from './fields.ts'
import { decimal, positiveDecimal } from './money.ts'
import { ORDER_STATUSES } from './status.ts'

/** Only `sale` counts as revenue; the others are linked by references and reconciled in queries. */
export const STREAM_ROLES = ['sale', 'payment', 'erp', 'crm', 'stock', 'campaign'] as const
export type StreamRole = (typeof STREAM_ROLES)[number]

/** A sale is an order; a credit takes money back without a known order; an adjustment is money that is neither. */
export const ORDER_KINDS = ['sale', 'credit', 'adjustment'] as const
export type OrderKind = (typeof ORDER_KINDS)[number]

export const MAX_LINES = 5_000
export const MAX_LIST = 1_000

export const orderLine = z.object({
  sku: externalId,
  name: label,
  category: label.nullable().default(null),
  quantity: decimal,
  unitPrice: decimal,
  unitCost: decimal.nullable().default(null),
  /** What the source charges for the line; null: quantity × unit price, rounded half-even at four decimals. */
  amount: decimal.nullable().default(null),
})

export const refundLine = z.object({
  sku: externalId,
  name: label.default(''),
  quantity: decimal,
  amount: decimal,
})

/** `amount` is what went back to the customer: positive. */
export const refund = z.object({
  id: externalId,
  at: instant,
  amount: positiveDecimal,
  lines: z.array(refundLine).max(MAX_LINES).default([]),
})

export const payment = z.object({ id: externalId, at: instant, amount: decimal })
export const cancellation = z.object({ id: externalId, at: instant })
export const reference = z.object({ system: label, id: externalId })

const address = {
  schemaVersion: z.literal(1),
  tenant,
  source,
  role: z.enum(STREAM_ROLES).default('sale'),
  orderId: externalId,
  version,
  /** When the source made this version. */
  changedAt: instant,
}

export const orderEvent = z.object({
  type: z.literal('order'),
  ...address,
  kind: z.enum(ORDER_KINDS).default('sale'),
  status: z.enum(ORDER_STATUSES),
  references: z.array(reference).max(MAX_LIST).default([]),
  placedAt: instant,
  paidAt: instant.nullable().default(null),
  cancelledAt: instant.nullable().default(null),
  /** A pseudonym; null is a guest. Names and addresses travel on the `customers` topic alone. */
  customerId: externalId.nullable().default(null),
  currency,
  region: label.nullable().default(null),
  state: label.nullable().default(null),
  country: label.nullable().default(null),
  channel: label.nullable().default(null),
  salesRep: label.nullable().default(null),
  discount: decimal.nullable().default(null),
  shipping: decimal.nullable().default(null),
  tax: decimal.nullable().default(null),
  /** What the source states as the order's total before refunds; null: the lines' sum − discount + shipping + tax. */
  total: decimal.nullable().default(null),
  paymentFingerprint: label.nullable().default(null),
  shipToHash: label.nullable().default(null),
  payments: z.array(payment).max(MAX_LIST).default([]),
  refunds: z.array(refund).max(MAX_LIST).default([]),
  cancellations: z.array(cancellation).max(MAX_LIST).default([]),
  lines: z.array(orderLine).max(MAX_LINES).default([]),
  /** Set on the answer to an `order.reread` command: at an equal version this content settles which one is right. */
  rereadOf: externalId.nullable().default(null),
})

export const refundEvent = z.object({ type: z.literal('order.refund'), ...address, refund })
export const paymentEvent = z.object({ type: z.literal('order.payment'), ...address, payment })
export const cancellationEvent = z.object({ type: z.literal('order.cancellation'), ...address, cancellation })

export type OrderEvent = z.infer<typeof orderEvent>
export type OrderEventInput = z.input<typeof orderEvent>
export type OrderLine = z.infer<typeof orderLine>
export type Refund = z.infer<typeof refund>
export type RefundEvent = z.infer<typeof refundEvent>
export type PaymentEvent = z.infer<typeof paymentEvent>
export type CancellationEvent = z.infer<typeof cancellationEvent>

/** The key of an order in log and table: every order stays in one partition for as long as their number is kept. */
export function orderKey(event: { tenant: string; source: string; orderId: string }): string {
  return `${event.tenant}/${event.source}/${event.orderId}`
}
