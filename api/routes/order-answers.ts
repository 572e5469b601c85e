/** What is told of orders and customers. Money is decimal strings in the order's own currency; instants are ISO 8601. */
import { z } from 'zod'
import { decimalSum, text } from '../../core/contracts/wire.ts'

const head = {
  source: text,
  orderId: text,
  kind: text.describe('sale, credit or adjustment; empty while only parts of the order are known.'),
  status: text,
  counts: z.boolean().describe('Whether it counts as revenue at present.'),
  changedAt: text,
  customer: text.describe('Pseudonym; empty: a guest.'),
  country: text,
  channel: text,
  salesRep: text,
  currency: text,
  gross: decimalSum.describe('Before refunds, whether it counts or not.'),
  refunded: decimalSum,
  net: decimalSum.describe('gross − refunded where the order counts, else 0.'),
}

export const orderRowAnswer = z.object({
  ...head,
  placedAt: text,
  saleDay: text,
  lines: z.number(),
  revision: z.number(),
})

const part = { sku: text, name: text, quantity: decimalSum, amount: decimalSum }
const dated = { id: text, at: text, amount: decimalSum }

export const orderAnswer = z.object({
  ...head,
  placedAt: text.nullable(),
  saleDay: text.nullable(),
  paidAt: text.nullable(),
  cancelledAt: text.nullable(),
  timeZone: text,
  region: text,
  state: text,
  discount: decimalSum.nullable(),
  shipping: decimalSum.nullable(),
  tax: decimalSum.nullable(),
  statedTotal: decimalSum.nullable(),
  references: z.array(z.object({ system: text, id: text })),
  lines: z.array(
    z.object({ ...part, category: text, unitPrice: decimalSum, unitCost: decimalSum.nullable() }),
  ),
  payments: z.array(z.object(dated)),
  refunds: z.array(z.object({ ...dated, lines: z.array(z.object(part)) })),
  entries: z.array(
    z.object({
      at: text,
      day: text,
      kind: text,
      reference: text,
      currency: text,
      amount: decimalSum,
      orders: z.number(),
      units: decimalSum,
    }),
  ),
  changes: z.number().describe('How many there were.'),
  history: z.array(
    z.object({
      revision: z.number(),
      takenAt: text,
      version: text,
      changedAt: text,
      status: text,
      counts: z.boolean(),
      currency: text,
      gross: decimalSum,
      refunded: decimalSum,
      net: decimalSum,
    }),
  ),
})

export const customerAnswer = z.object({
  customer: text,
  revenue: decimalSum,
  orders: z.number(),
  lastOrderAt: text.nullable(),
})
