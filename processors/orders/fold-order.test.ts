import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { type OrderFact, parseOrdersTopicEvent } from '../../core/contracts/events.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import { foldOrder } from './fold-order.ts'

const ZONE = 'Europe/London'
const DAY = (n: number) => `2024-03-${String(n).padStart(2, '0')}T12:00:00Z`

function snapshot(version: number, more: Record<string, unknown> = {}): OrderFact {
  const line = { sku: 'A', name: 'Article', quantity: '1', unitPrice: '100' }
  const event = {
    type: 'order',
    schemaVersion: 1,
    tenant: 'acme',
    source: 'shop',
    orderId: '7',
    version,
    status: 'completed',
  }
  const dates = { placedAt: DAY(1), changedAt: DAY(version) }
  return parseOrdersTopicEvent({ ...event, ...dates, currency: 'GBP', lines: [line], ...more }) as OrderFact
}

function part(type: string, version: number, more: Record<string, unknown>): OrderFact {
  const head = {
    schemaVersion: 1,
    tenant: 'acme',
    source: 'shop',
    orderId: '7',
    version,
    changedAt: DAY(version),
  }
  return parseOrdersTopicEvent({ type, ...head, ...more }) as OrderFact
}

const refundEvent = (id: string, day: number, amount: string) =>
  part('order.refund', day, {
    refund: { id, at: DAY(day), amount, lines: [{ sku: 'A', quantity: '0', amount }] },
  })
const cancellationEvent = (id: string, day: number) =>
  part('order.cancellation', day, { cancellation: { id, at: DAY(day) } })
const price = (amount: string) => ({
  lines: [{ sku: 'A', name: 'Article', quantity: '1', unitPrice: amount }],
})

function fold(...facts: OrderFact[]): OrderRow {
  let row: OrderRow | undefined
  for (const fact of facts) row = foldOrder(row, fact, ZONE).row ?? row
  return row!
}

/** "2024-03-01 sale 100.0 +1" for each entry. */
function booked(row: OrderRow): string[] {
  return row.bookedAmount.map((amount, i) => {
    const orders = row.bookedOrders[i]!
    const sign = orders > 0 ? ` +${orders}` : orders < 0 ? ` ${orders}` : ''
    return `${formatDay(row.bookedDay[i]!).slice(8)} ${row.bookedKind[i]} ${amount / 10_000} ${row.bookedCurrency[i]}${sign}`
  })
}

describe('foldOrder', () => {
  it('books a sale, its edits and its cancellation, each on its own day', () => {
    const row = fold(
      snapshot(1),
      snapshot(3, price('120')),
      snapshot(5, { ...price('120'), status: 'cancelled' }),
    )
    expect(booked(row)).toEqual(['01 sale 100 GBP +1', '03 edit 20 GBP', '05 cancel -120 GBP -1'])
    expect(row).toMatchObject({ net: 0, counts: 0, status: 'cancelled', revision: 3 })
  })

  it('books the sale on the day of a payment known at the first sighting that counts', () => {
    const pending = snapshot(1, { status: 'pending' })
    expect(booked(fold(pending, snapshot(4, { paidAt: DAY(3) })))).toEqual(['03 sale 100 GBP +1'])
    expect(booked(fold(pending, snapshot(4)))).toEqual(['01 sale 100 GBP +1'])
    const paid = part('order.payment', 2, { payment: { id: 'p', at: DAY(2), amount: '100' } })
    expect(booked(fold(paid, pending, snapshot(4)))).toEqual(['02 sale 100 GBP +1'])
  })

  it('lets an older snapshot that comes late join the sightings, never the present', () => {
    const row = fold(snapshot(1), snapshot(5, price('130')), snapshot(3, price('90')))
    expect(booked(row)).toEqual(['01 sale 100 GBP +1', '03 edit -10 GBP', '05 edit 40 GBP'])
    expect(row).toMatchObject({ version: 5, gross: 1_300_000, revision: 3 })
  })

  it('takes a refund before its order as a change that counts nothing', () => {
    const early = fold(refundEvent('r1', 4, '30'))
    expect(early).toMatchObject({ status: 'unknown', counts: 0, net: 0, revision: 1 })
    expect(booked(early)).toEqual([])
    expect(booked(fold(refundEvent('r1', 4, '30'), snapshot(1)))).toEqual([
      '01 sale 100 GBP +1',
      '04 refund -30 GBP',
    ])
  })

  it('does not take away twice what was refunded before the cancellation', () => {
    const row = fold(
      snapshot(1),
      refundEvent('r1', 3, '30'),
      cancellationEvent('c1', 5),
      refundEvent('r2', 6, '70'),
    )
    expect(booked(row)).toEqual(['01 sale 100 GBP +1', '03 refund -30 GBP', '05 cancel -70 GBP -1'])
    expect(row).toMatchObject({ net: 0, status: 'cancelled' })
  })

  it('books everything back when a cancelled order counts again', () => {
    const row = fold(
      snapshot(1),
      snapshot(3, { status: 'cancelled' }),
      refundEvent('r', 4, '10'),
      snapshot(5),
    )
    expect(booked(row)).toEqual(['01 sale 100 GBP +1', '03 cancel -100 GBP -1', '05 restore 90 GBP +1'])
  })

  it('books a change of currency as minus all and plus all on its own day', () => {
    const row = fold(
      snapshot(1),
      refundEvent('r', 2, '10'),
      snapshot(4, { currency: 'EUR', ...price('110') }),
    )
    expect(booked(row)).toEqual([
      '01 sale 100 GBP +1',
      '02 refund -10 GBP',
      '04 edit -90 GBP -1',
      '04 edit 100 EUR +1',
    ])
  })

  it('books credits and adjustments as documents of their own kind', () => {
    const credit = snapshot(1, {
      kind: 'credit',
      lines: [{ sku: 'A', name: '', quantity: '-2', unitPrice: '5' }],
    })
    expect(booked(fold(credit))).toEqual(['01 credit -10 GBP +1'])
    expect(booked(fold(snapshot(1, { kind: 'adjustment', ...price('-7') })))).toEqual([
      '01 adjustment -7 GBP +1',
    ])
  })

  it('takes other content at the same version provisionally and asks for a re-read, which settles it', () => {
    const first = snapshot(1)
    const one = foldOrder(undefined, first, ZONE).row!
    const rival = foldOrder(one, snapshot(1, price('80')), ZONE)
    expect(rival).toMatchObject({ reread: true, row: { gross: 800_000 } })
    expect(foldOrder(rival.row, first, ZONE)).toEqual({ row: undefined, reread: false })
    const settled = foldOrder(rival.row, snapshot(1, { rereadOf: 'command' }), ZONE)
    expect(settled).toMatchObject({ reread: false, row: { gross: 1_000_000 } })
    expect(booked(settled.row!)).toEqual(['01 sale 100 GBP +1'])
  })

  it('believes a stated total, computes one half-even where there is none', () => {
    expect(fold(snapshot(1, { total: '99.99' })).gross).toBe(999_900)
    const lines = [{ sku: 'A', name: '', quantity: '0.5', unitPrice: '0.0001' }]
    expect(fold(snapshot(1, { lines, shipping: '2', discount: '0.5', tax: '1' })).gross).toBe(25_000)
    expect(fold(snapshot(1, { lines: [{ ...lines[0], quantity: '1.5' }] })).gross).toBe(2)
  })

  it('refuses totals that leave the exact integers', () => {
    const lines = Array.from({ length: 20 }, () => ({
      sku: 'A',
      name: '',
      quantity: '1',
      unitPrice: '99999999999',
    }))
    expect(() => fold(snapshot(1, { lines }))).toThrow(expect.objectContaining({ code: 'ORDER_TOO_LARGE' }))
  })
})

const STATUSES = ['pending', 'processing', 'completed', 'cancelled', 'partially-refunded', 'failed']
const anyFact = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('order'),
      version: fc.integer({ min: 1, max: 20 }),
      status: fc.constantFrom(...STATUSES),
      amount: fc.integer({ min: 0, max: 500 }),
      currency: fc.constantFrom('GBP', 'GBP', 'EUR'),
      kind: fc.constantFrom('sale', 'sale', 'sale', 'credit'),
      paid: fc.option(fc.integer({ min: 1, max: 20 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('refund'),
      version: fc.integer({ min: 1, max: 25 }),
      amount: fc.integer({ min: 0, max: 90 }),
    }),
  },
  fc.record({ type: fc.constant('cancellation'), version: fc.integer({ min: 1, max: 25 }) }),
)
type AnyFact = {
  type: string
  version: number
  status?: string
  amount?: number
  currency?: string
  kind?: string
  paid?: number | null
}

function toFact(fact: AnyFact): OrderFact {
  if (fact.type === 'refund') return refundEvent(`r${fact.version}`, fact.version, String(fact.amount))
  if (fact.type === 'cancellation') return cancellationEvent(`c${fact.version}`, fact.version)
  const paidAt = fact.paid ? DAY(fact.paid) : null
  return snapshot(fact.version, {
    status: fact.status,
    currency: fact.currency,
    kind: fact.kind,
    paidAt,
    ...price(String(fact.amount)),
  })
}

/** Versions that rise strictly: one content for each version of each type. */
const anyLife = fc
  .uniqueArray(anyFact, { maxLength: 10, selector: (f) => `${f.type}/${f.version}` })
  .map((list) => (list as AnyFact[]).map(toFact))

describe('foldOrder, for any life of an order', () => {
  it('books entries that sum to net in the present currency, to nothing in others, and to one document or none', () => {
    fc.assert(
      fc.property(anyLife, (facts) => {
        fc.pre(facts.length > 0)
        const row = fold(...facts)
        const sums = new Map<string, number>()
        for (const [i, amount] of row.bookedAmount.entries())
          sums.set(row.bookedCurrency[i]!, (sums.get(row.bookedCurrency[i]!) ?? 0) + amount)
        for (const [currency, sum] of sums) expect(sum).toBe(currency === row.currency ? row.net : 0)
        expect(row.bookedOrders.reduce((a, b) => a + b, 0)).toBe(row.counts)
        expect(row.net).toBe(row.counts === 1 ? row.gross - row.refunded : 0)
      }),
      { numRuns: 1_000 },
    )
  })

  it('ends the same in whatever order the events come, and however often', () => {
    const shuffled = anyLife.chain((facts) =>
      fc.tuple(
        fc.constant(facts),
        fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 }),
      ),
    )
    fc.assert(
      fc.property(shuffled, ([facts, again]) => {
        fc.pre(facts.length > 0)
        const { revision: _a, ...one } = fold(...facts)
        const { revision: _b, ...other } = fold(...again)
        expect(other).toEqual(one)
      }),
      { numRuns: 500 },
    )
  })

  it('changes nothing when a fact is repeated at once', () => {
    fc.assert(
      fc.property(anyLife, (facts) => {
        let row: OrderRow | undefined
        for (const fact of facts) {
          row = foldOrder(row, fact, ZONE).row ?? row
          expect(foldOrder(row, fact, ZONE).row).toBeUndefined()
        }
      }),
    )
  })
})

describe('a payment or a cancellation that later snapshots repeat', () => {
  const payments = [{ id: 'p1', at: DAY(3), amount: '100' }]
  const paid = part('order.payment', 2, { payment: payments[0] })
  const pending = snapshot(1, { status: 'pending' })
  const facts = [
    pending,
    paid,
    snapshot(3, { status: 'processing', payments }),
    snapshot(4, { payments }),
    snapshot(5, { payments, ...price('90') }),
  ]

  it('leaves the sale on the day of the payment', () => {
    for (let known = 3; known <= facts.length; known++)
      expect(booked(fold(...facts.slice(0, known)))[0]).toBe('03 sale 100 GBP +1')
  })

  it('leaves it there in whatever order they come', () => {
    const wanted = booked(fold(...facts))
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffled) => {
        expect(booked(fold(...shuffled, ...shuffled))).toEqual(wanted)
      }),
    )
  })

  it('does not cancel once more what was restored', () => {
    const cancellations = [{ id: 'c1', at: DAY(2) }]
    const restored = fold(snapshot(1), cancellationEvent('c1', 2), snapshot(3, { cancellations }))
    expect(restored.counts).toBe(1)
    expect(booked(restored)).toEqual(['01 sale 100 GBP +1', '02 cancel -100 GBP -1', '03 restore 100 GBP +1'])
  })
})
