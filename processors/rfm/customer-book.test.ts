import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SEGMENT_MODES, segmentOf } from '../../core/segments/segment-modes.ts'
import { DEFAULT_SEGMENT_RULES } from '../../core/segments/segment-rules.ts'
import { CustomerBook, type CustomerChange } from './customer-book.ts'
import { cellDivision, ruleDivision } from './divisions.ts'
import { sharedColumns } from './rfm-columns.ts'
import { scoreRfm } from './score-rfm.ts'

const TODAY = 15_400

/** All that is to be stored, in calls of at most `limit`; none is told twice in one call. */
function storeAll(book: CustomerBook, { limit = 7, today = TODAY, movedLimit = 100 } = {}): CustomerChange[] {
  const stored: CustomerChange[] = []
  for (;;) {
    const changes = book.changes(limit, today, movedLimit)
    expect(changes.length).toBeLessThanOrEqual(limit)
    expect(new Set(changes.map(({ row }) => row)).size).toBe(changes.length)
    if (changes.length === 0) {
      expect(book.isWalked).toBe(true)
      return stored
    }
    for (const change of changes) book.stored(change)
    stored.push(...changes)
  }
}

const day = fc.integer({ min: 15_000, max: 15_400 })
const sale = fc.record({
  customer: fc.integer({ min: 0, max: 20 }).map((n) => `c${n}`),
  day,
  orders: fc.constant(1),
  revenueE4: fc.integer({ min: 1, max: 9_000_000 }),
})

it('stores of each customer what a scoring of all says, whatever the limit, and nothing twice', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(sale, { maxLength: 12 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 9 }),
      (looks, movedLimit) => {
        const book = new CustomerBook(cellDivision('default'))
        const cells = new Map<string, number>()
        const names = new Set<string>()
        for (const sales of looks) {
          for (const one of sales) {
            expect(book.add(one)).toBe(true)
            names.add(one.customer)
          }
          for (const { customer, cell } of storeAll(book, { movedLimit })) cells.set(customer, cell)
          const all = [...names]
          const columns = sharedColumns(all.length)
          all.forEach((name, row) => {
            const { lastDay, orders, revenueE4 } = book.figuresOf(name)
            columns.lastDay[row] = lastDay
            columns.orders[row] = orders
            columns.monetaryE4[row] = revenueE4
          })
          const wanted = new Uint8Array(all.length)
          scoreRfm(columns, wanted)
          expect(all.map((name) => cells.get(name))).toEqual([...wanted])
          expect(book.changes(100, TODAY)).toEqual([])
        }
      },
    ),
    { numRuns: 60 },
  )
})

it('goes on with the revisions that were stored, and stores nothing that is there', () => {
  const figures = { firstDay: 15_000, lastDay: 15_010, orders: 2, revenueE4: 50_000 }
  const book = new CustomerBook(cellDivision('default'))
  book.restore({ customer: 'a', revision: 4, cell: 255, mode: 'default', segment: '', ...figures })
  book.set('a', figures)
  expect(storeAll(book)).toEqual([])
  book.add({ customer: 'a', day: 15_011, orders: 1, revenueE4: 10 })
  expect(storeAll(book)).toMatchObject([{ customer: 'a', revision: 5, lastDay: 15_011, orders: 3 }])
})

it('asks for a customer whose last day went away, and for one that was too rich to add to', () => {
  const book = new CustomerBook(cellDivision('default'))
  const sale = { customer: 'a', orders: 1, revenueE4: 10_000 }
  for (const day of [15_000, 15_005, 15_009]) expect(book.add({ ...sale, day })).toBe(true)
  expect(book.add({ ...sale, day: 15_005, orders: -1, revenueE4: -10_000 })).toBe(true)
  expect(book.add({ ...sale, day: 15_009, orders: -1, revenueE4: -10_000 })).toBe(false)
  expect(book.figuresOf('a')).toMatchObject({ orders: 1, revenueE4: 10_000 })
  // Nobody is left: there is no day to ask for.
  expect(book.add({ ...sale, day: 15_000, orders: -1, revenueE4: -10_000 })).toBe(true)

  book.add({ ...sale, customer: 'rich', day: 15_000, revenueE4: 2 ** 60 })
  expect(book.figuresOf('rich').revenueE4).toBe(Number.MAX_SAFE_INTEGER)
  expect(book.add({ ...sale, customer: 'rich', day: 15_001, revenueE4: -(2 ** 60) })).toBe(false)
})

/** Ten customers of two orders each, one a day; the first ones the least recent and the cheapest. */
function filled(book: CustomerBook): CustomerBook {
  for (let n = 0; n < 10; n++)
    for (const day of [15_300 + n, 15_300 + 10 * n])
      book.add({ customer: `c${n}`, day, orders: 1, revenueE4: 1_000_000 * (n + 1) })
  return book
}

it('lets those wait whom another one’s order moved, and goes on with them', () => {
  const book = filled(new CustomerBook(cellDivision('default')))
  storeAll(book)
  const rich = { day: TODAY, orders: 20, revenueE4: 90_000_000 }
  for (const customer of ['c0', 'c1', 'c2']) book.add({ customer, ...rich })
  // The walk meets the first three as well.
  const first = book.changes(100, TODAY, 4)
  expect(first.map(({ customer }) => customer)).toEqual(['c0', 'c1', 'c2', expect.stringMatching(/c[3-9]/)])
  expect(book.isWalked).toBe(false)
  for (const change of first) book.stored(change)
  const left = storeAll(book, { movedLimit: 1 })
  expect(left.length).toBeGreaterThan(1)
  const names = [...first, ...left].map(({ customer }) => customer)
  expect(new Set(names).size).toBe(names.length)
})

it('tells everybody anew in other words, which is no move, and a real one beside it is', () => {
  const before = storeAll(filled(new CustomerBook(cellDivision('default'))))
  const stored = before.map((change) => ({ ...change, mode: 'default', segment: nameOf('default', change) }))
  const book = filled(new CustomerBook(cellDivision('lifecycle')))
  for (const one of stored) book.restore(one)
  // The least recent one comes again: the others' scores may move, its own does.
  book.add({ customer: 'c0', day: TODAY, orders: 1, revenueE4: 90_000_000 })
  const told = storeAll(book)
  expect(new Set(told.map(({ customer }) => customer)).size).toBe(10)
  expect(told.every(({ revision }) => revision === 2)).toBe(true)
  for (const { customer, segmentBefore } of told) {
    const { cell } = before.find((one) => one.customer === customer)!
    expect(segmentBefore).toBe(segmentOf(SEGMENT_MODES.lifecycle, cell))
  }
  expect(told.find(({ customer }) => customer === 'c0')).toMatchObject({ segment: 0, segmentBefore: 3 })
  expect(told.filter(({ segment, segmentBefore }) => segment === segmentBefore).length).toBeGreaterThan(4)
  expect(storeAll(book)).toEqual([])
})

it('moves customers by rules as days pass, in bounded batches, and by newer rules without a move', () => {
  const book = filled(new CustomerBook(ruleDivision(1, DEFAULT_SEGMENT_RULES)))
  const ids = DEFAULT_SEGMENT_RULES.segments.map(({ id }) => id)
  const first = storeAll(book)
  expect(first).toHaveLength(10)
  expect(storeAll(book)).toEqual([])
  // All of them lost in half a year: nobody bought, scores stay, the segment does not.
  const lost = storeAll(book, { limit: 3, today: TODAY + 365 })
  expect(lost.map(({ segment }) => ids[segment])).toEqual(Array(10).fill('lost'))
  for (const { customer, cell, segmentBefore } of lost)
    expect(first.find((one) => one.customer === customer)).toMatchObject({ cell, segment: segmentBefore })
  expect([...book.sums().customers]).toEqual([0, 0, 0, 0, 0, 0, 10])

  const gentle = { ...DEFAULT_SEGMENT_RULES, otherwise: 'regular' }
  book.divide(ruleDivision(2, gentle))
  const anew = storeAll(book, { today: TODAY + 365 })
  expect(anew.map(({ segment, segmentBefore }) => [ids[segment], ids[segmentBefore]])).toEqual(
    Array(10).fill(['regular', 'regular']),
  )
  book.divide(ruleDivision(2, gentle))
  expect(storeAll(book, { today: TODAY + 365 })).toEqual([])
})

function nameOf(mode: 'default', { segment }: CustomerChange): string {
  return SEGMENT_MODES[mode].segments[segment]!.id
}

it('knows which change waits longest, however often its customer changes again', () => {
  const book = new CustomerBook(cellDivision('default'))
  expect(book.waitsSince()).toBeUndefined()
  const buys = (atMs: number, customer: string) => {
    book.comesAt(atMs)
    book.add({ customer, day: 20_000, orders: 1, revenueE4: 10_000 })
  }
  buys(1, 'a')
  buys(2, 'b')
  buys(3, 'a')
  expect(book.waitsSince()).toBe(1)
  for (const change of book.changes(1, 20_000)) book.stored(change)
  expect(book.waitsSince()).toBe(2)
  buys(4, 'a')
  expect(book.waitsSince()).toBe(2)
  for (const change of book.changes(10, 20_000)) book.stored(change)
  expect(book.waitsSince()).toBeUndefined()
})
