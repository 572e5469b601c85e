import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toE4 } from '../../../core/contracts/money.ts'
import { type OrderEvent, orderEvent } from '../../../core/contracts/order.ts'
import { type Invoice, type InvoiceKind, lineAmountE4 } from './build-invoices.ts'
import type { InvoiceLine } from './parse-line.ts'
import { createTimeline } from './timeline.ts'

const settings = { tenant: 'demo', source: 'shop', currency: 'GBP', timeZone: 'Europe/London' }
const MINUTE_MS = 60_000
const START_MS = Date.UTC(2011, 2, 27, 0, 0)

const line = (sku: string, quantity: string, unitPrice = '2.55'): InvoiceLine => ({
  sku,
  name: sku,
  quantity,
  unitPrice,
})

function invoice(id: string, minute: number, lines: InvoiceLine[], more: Partial<Invoice> = {}): Invoice {
  const kind: InvoiceKind = id.startsWith('C') ? 'cancellation' : 'plain'
  const amountE4 = lines.reduce((sum, one) => sum + amountOf(one), 0)
  return {
    id,
    kind,
    localMs: START_MS + minute * MINUTE_MS,
    customerId: 'c1',
    country: 'France',
    lines,
    amountE4,
    ...more,
  }
}

const amountOf = (one: InvoiceLine) => lineAmountE4(toE4(one.quantity), toE4(one.unitPrice))

/** Every version that was sent, by order. */
function play(invoices: readonly Invoice[]): Map<string, OrderEvent[]> {
  const timeline = createTimeline(settings)
  const byOrder = new Map<string, OrderEvent[]>()
  for (const one of invoices)
    for (const event of timeline.add(one).events) {
      const parsed = orderEvent.parse(event)
      byOrder.set(parsed.orderId, [...(byOrder.get(parsed.orderId) ?? []), parsed])
    }
  return byOrder
}

const last = (orders: Map<string, OrderEvent[]>, id: string) => orders.get(id)!.at(-1)!

describe('the refund matcher', () => {
  it('returns a line to the most recent sale with enough left, and the next to the one before', () => {
    const sold = [invoice('1', 0, [line('A', '5')]), invoice('2', 10, [line('A', '3')])]
    const orders = play([...sold, invoice('C3', 20, [line('A', '-2')]), invoice('C4', 30, [line('A', '-2')])])
    expect(last(orders, '2')).toMatchObject({
      status: 'partially-refunded',
      refunds: [{ id: 'C3', amount: '5.10' }],
    })
    expect(last(orders, '1').refunds).toMatchObject([
      { id: 'C4', lines: [{ sku: 'A', quantity: '2', amount: '5.10' }] },
    ])
    expect(orders.has('C3')).toBe(false)
  })

  it('does not split a line over orders: it becomes a credit on its own day', () => {
    const sold = [invoice('1', 0, [line('A', '2')]), invoice('2', 1, [line('A', '2')])]
    const orders = play([...sold, invoice('C3', 20, [line('A', '-3')])])
    expect(last(orders, 'C3')).toMatchObject({ kind: 'credit', lines: [{ quantity: '-3' }] })
    expect(last(orders, '1').status).toBe('completed')
  })

  it('counts equal lines of an order together, and calls it refunded when all has come back', () => {
    const orders = play([
      invoice('1', 0, [line('A', '2'), line('A', '2')]),
      invoice('C2', 5, [line('A', '-4')]),
    ])
    expect(last(orders, '1')).toMatchObject({ status: 'refunded', refunds: [{ amount: '10.20' }] })
  })

  it('wants the same customer, country and price, and knows no guests', () => {
    const sold = invoice('1', 0, [line('A', '5')])
    const strangers: Partial<Invoice>[] = [{ customerId: 'c2' }, { country: 'Spain' }, { customerId: null }]
    strangers.forEach((more, index) => {
      const orders = play([sold, invoice(`C${index}`, 5, [line('A', '-1')], more)])
      expect(last(orders, `C${index}`).kind).toBe('credit')
    })
    expect(last(play([sold, invoice('C9', 5, [line('A', '-1', '2.5')])]), 'C9').kind).toBe('credit')
  })

  it('raises the version even when two cancellations come in one minute', () => {
    const orders = play([
      invoice('1', 0, [line('A', '5')]),
      invoice('C2', 0, [line('A', '-1')]),
      invoice('C3', 0, [line('A', '-1')]),
    ])
    const versions = orders.get('1')!.map(({ version }) => version)
    expect(versions).toEqual([versions[0], versions[0]! + 1, versions[0]! + 2])
    expect(orders.get('1')!.map(({ refunds }) => refunds.length)).toEqual([0, 1, 2])
  })

  it('keeps every cent and every line, whatever is sold and returned', () => {
    const anyLine = fc.record({
      sku: fc.constantFrom('A', 'B'),
      quantity: fc.integer({ min: -6, max: 6 }),
      price: fc.constantFrom('0', '1.5', '2.555', '0.0001'),
    })
    const anyInvoice = fc.record({
      sale: fc.boolean(),
      minutes: fc.integer({ min: 0, max: 40 }),
      customerId: fc.constantFrom('c1', 'c2', null),
      country: fc.constantFrom('France', 'Spain'),
      lines: fc.array(anyLine, { minLength: 1, maxLength: 5 }),
    })
    fc.assert(
      fc.property(fc.array(anyInvoice, { maxLength: 25 }), (all) => {
        let minute = 0
        const invoices = all.map(({ sale, minutes, lines, ...who }, index) => {
          minute += minutes
          const made = lines.map(({ sku, quantity, price }) => line(sku, `${quantity}`, price))
          return invoice(`${sale ? '' : 'C'}${index}`, minute, made, who)
        })
        checkLaws(invoices, play(invoices))
      }),
      { numRuns: 500 },
    )
  })
})

function checkLaws(invoices: readonly Invoice[], orders: Map<string, OrderEvent[]>): void {
  const present = [...orders.values()].map((versions) => versions.at(-1)!)
  const sumE4 = present.reduce((sum, { lines, refunds }) => {
    const gross = lines.reduce((total, one) => total + amountOf(one), 0)
    return sum + gross - refunds.reduce((total, { amount }) => total + toE4(amount), 0)
  }, 0)
  expect(sumE4).toBe(invoices.reduce((sum, { amountE4 }) => sum + amountE4, 0))
  const lines = present.reduce(
    (n, one) => n + one.lines.length + one.refunds.flatMap((r) => r.lines).length,
    0,
  )
  expect(lines).toBe(invoices.reduce((n, one) => n + one.lines.length, 0))
  for (const versions of orders.values()) {
    versions.slice(1).forEach((one, index) => {
      expect(one.version).toBeGreaterThan(versions[index]!.version)
    })
    const { refunds, lines: sold } = versions.at(-1)!
    const back = refunds
      .flatMap((refund) => refund.lines)
      .reduce((sum, { quantity }) => sum + toE4(quantity), 0)
    expect(back).toBeLessThanOrEqual(sold.reduce((sum, { quantity }) => sum + Math.max(0, toE4(quantity)), 0))
    for (const one of refunds)
      expect(toE4(one.amount)).toBe(one.lines.reduce((sum, { amount }) => sum + toE4(amount), 0))
  }
}
