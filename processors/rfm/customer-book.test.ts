import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CustomerBook, type CustomerChange } from './customer-book.ts'
import { sharedColumns } from './rfm-columns.ts'
import { scoreRfm } from './score-rfm.ts'

/** All that is to be stored, in calls of at most `limit`; none is told twice in one call. */
function storeAll(book: CustomerBook, limit = 7): CustomerChange[] {
  const stored: CustomerChange[] = []
  for (;;) {
    const changes = book.changes(limit)
    expect(changes.length).toBeLessThanOrEqual(limit)
    expect(new Set(changes.map(({ row }) => row)).size).toBe(changes.length)
    if (changes.length === 0) return stored
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
    fc.property(fc.array(fc.array(sale, { maxLength: 12 }), { maxLength: 8 }), (looks) => {
      const book = new CustomerBook()
      const cells = new Map<string, number>()
      const names = new Set<string>()
      for (const sales of looks) {
        for (const one of sales) {
          expect(book.add(one)).toBe(true)
          names.add(one.customer)
        }
        for (const { customer, cell } of storeAll(book)) cells.set(customer, cell)
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
        expect(book.changes(100)).toEqual([])
      }
    }),
    { numRuns: 60 },
  )
})

it('goes on with the revisions that were stored, and stores nothing that is there', () => {
  const figures = { firstDay: 15_000, lastDay: 15_010, orders: 2, revenueE4: 50_000 }
  const book = new CustomerBook()
  book.restore({ customer: 'a', revision: 4, cell: 255, ...figures })
  book.set('a', figures)
  expect(storeAll(book)).toEqual([])
  book.add({ customer: 'a', day: 15_011, orders: 1, revenueE4: 10 })
  expect(storeAll(book)).toMatchObject([{ customer: 'a', revision: 5, lastDay: 15_011, orders: 3 }])
})

it('asks for a customer whose last day went away, and for one that was too rich to add to', () => {
  const book = new CustomerBook()
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
