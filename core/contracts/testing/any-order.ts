/** Orders of every shape that the schema lets pass, for properties. */
import fc from 'fast-check'
import { ORDER_KINDS, type OrderEvent, orderEvent, STREAM_ROLES } from '../order.ts'
import { ORDER_STATUSES } from '../status.ts'

const E4 = fc.integer({ min: -(10 ** 15) + 1, max: 10 ** 15 - 1 })
const decimal = E4.map((value) => {
  const text = String(Math.abs(value)).padStart(5, '0')
  return `${value < 0 ? '-' : ''}${text.slice(0, -4)}.${text.slice(-4)}`
})
const id = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => /^[^\p{C}]+$/u.test(text))
const label = fc.oneof(id, fc.constant(''))
const instant = fc
  .integer({ min: 946_684_800_000, max: 4_102_444_799_999 })
  .map((ms) => new Date(ms).toISOString())
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 })
const line = fc.record({
  sku: id,
  name: label,
  category: maybe(label),
  quantity: fc.integer({ min: -1e6, max: 1e6 }).map((n) => `${n}`),
  unitPrice: fc.integer({ min: -1e6, max: 1e6 }).map((n) => `${n}`),
  unitCost: maybe(decimal),
  amount: maybe(decimal),
})

export const anyOrder: fc.Arbitrary<OrderEvent> = fc
  .record({
    type: fc.constant('order' as const),
    schemaVersion: fc.constant(1 as const),
    tenant: name,
    source: name,
    role: fc.constantFrom(...STREAM_ROLES),
    orderId: id,
    version: fc.maxSafeNat(),
    changedAt: instant,
    kind: fc.constantFrom(...ORDER_KINDS),
    status: fc.constantFrom(...ORDER_STATUSES),
    references: fc.array(fc.record({ system: label, id }), { maxLength: 3 }),
    placedAt: instant,
    paidAt: maybe(instant),
    cancelledAt: maybe(instant),
    customerId: maybe(id),
    currency: fc.stringMatching(/^[A-Z]{3}$/),
    region: maybe(label),
    state: maybe(label),
    country: maybe(label),
    channel: maybe(label),
    salesRep: maybe(label),
    discount: maybe(decimal),
    shipping: maybe(decimal),
    tax: maybe(decimal),
    total: maybe(decimal),
    paymentFingerprint: maybe(label),
    shipToHash: maybe(label),
    payments: fc.array(fc.record({ id, at: instant, amount: decimal }), { maxLength: 3 }),
    refunds: fc.array(
      fc.record({
        id,
        at: instant,
        amount: decimal.map((text) => text.replace('-', '')),
        lines: fc.array(fc.record({ sku: id, name: label, quantity: decimal, amount: decimal }), {
          maxLength: 3,
        }),
      }),
      { maxLength: 3 },
    ),
    cancellations: fc.array(fc.record({ id, at: instant }), { maxLength: 3 }),
    lines: fc.array(line, { maxLength: 5 }),
    rereadOf: maybe(id),
  })
  .map((event) => orderEvent.parse(event))
