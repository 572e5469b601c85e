import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { EXPLORE_SIDES, type ExploreFilters, type ExploreQuestion, exploreRange } from './explore-range.ts'
import { readFigures } from './read-figures.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const [friday, thursday] = ['2011-11-18', '2011-11-17']

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, ORDERS)
})
afterAll(() => db.stop())

const sale = (
  orderId: string,
  day: string,
  amount: string,
  more: Partial<SampleOrder> = {},
): SampleOrder => ({
  ...{ tenant: 'acme', orderId, customer: 'c1', country: 'Norway', channel: 'web', region: 'Oslo' },
  entries: [{ at: `${day}T10:00:00Z`, kind: 'sale', amount, units: '2' }],
  ...more,
})
const MOVED = sale('A3', friday, '30', { country: 'Spain', source: 'market', channel: 'app' })
const ORDERS: SampleOrder[] = [
  sale('A1', thursday, '100'),
  sale('A2', friday, '50.5', { customer: '', channel: '', salesRep: 'Ines' }),
  // Once told to be from Spain, and then from Norway: it is all Norway's.
  MOVED,
  { ...MOVED, sign: -1, revision: 1 },
  { ...MOVED, sign: 1, revision: 2, country: 'Norway' },
  sale('A4', thursday, '80', {
    ...{ country: 'Spain', region: 'Aragon' },
    entries: [
      { at: `${thursday}T08:00:00Z`, kind: 'sale', amount: '80', units: '4' },
      { at: `${friday}T09:45:00Z`, kind: 'refund', amount: '-20', units: '-1', reference: 'r1' },
    ],
  }),
  sale('E1', friday, '7777', { currency: 'EUR' }),
  sale('Z1', friday, '6666', { tenant: 'zebra' }),
]

const ask = (more: Partial<ExploreQuestion> = {}) =>
  exploreRange(db.warehouse, {
    ...{ database, tenant: 'acme', axis: 'booked', currency: 'GBP', from: thursday, to: friday },
    ...{ by: 'country', filters: {}, limit: 50 },
    ...more,
  })

test('a range by day and by country, of one currency, with the others named', async () => {
  const { total, days, values, others, currencies } = await ask()
  expect(total).toEqual({ revenue: '240.5', sales: '260.5', refunds: '-20', orders: 4, units: '9' })
  expect(days.map(({ day, revenue, orders }) => [day, revenue, orders])).toEqual([
    [thursday, '180', 2],
    [friday, '60.5', 2],
  ])
  expect(values.map(({ value, revenue }) => [value, revenue])).toEqual([
    ['Norway', '180.5'],
    ['Spain', '60'],
  ])
  expect(others).toBeNull()
  expect(currencies).toEqual(['EUR', 'GBP'])
  const sale = await ask({ axis: 'sale' })
  expect(sale.days.map(({ day, revenue }) => [day, revenue])).toEqual([
    [thursday, '160'],
    [friday, '80.5'],
  ])
})

test('views and base table tell the same, by every side, on both axes', async () => {
  for (const axis of ['booked', 'sale'] as const)
    for (const [from, to] of [
      [thursday, friday],
      [friday, friday],
    ] as const) {
      const [whole] = await readFigures(db.warehouse, { database, tenant: 'acme', axis, currency: 'GBP' }, [
        { from, to },
      ])
      for (const by of EXPLORE_SIDES) {
        const told = await ask({ axis, by, from, to, limit: 1 })
        const { revenue, sales, refunds, orders, units } = whole!.figures
        expect({ by, ...told.total }).toEqual({ by, revenue, sales, refunds, orders, units })
        const parts = [...told.values, ...(told.others === null ? [] : [told.others])]
        expect(fromE4(parts.reduce((sum, part) => sum + sumToE4(part.revenue), 0n))).toBe(
          fromE4(sumToE4(revenue)),
        )
        expect(parts.reduce((sum, part) => sum + part.orders, 0)).toBe(orders)
        expect(fromE4(told.days.reduce((sum, part) => sum + sumToE4(part.revenue), 0n))).toBe(
          fromE4(sumToE4(revenue)),
        )
      }
    }
})

test('filters combine, an empty value is what was not told, and an edited order is where it is now', async () => {
  const revenue = async (filters: ExploreFilters) => (await ask({ filters })).total.revenue
  expect(await revenue({ country: 'Norway' })).toBe('180.5')
  expect(await revenue({ country: 'Norway', channel: 'web' })).toBe('100')
  expect(await revenue({ channel: '' })).toBe('50.5')
  expect(await revenue({ customer: '' })).toBe('50.5')
  expect(await revenue({ rep: 'Ines' })).toBe('50.5')
  expect(await revenue({ source: 'market' })).toBe('30')
  expect(await revenue({ source: 'market', country: 'Spain' })).toBe('0')
  expect(await revenue({ region: 'Aragon', state: '' })).toBe('60')
  expect(await ask({ filters: { country: 'Atlantis' } })).toMatchObject({
    days: [],
    values: [],
    others: null,
  })
})
