import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { DIMENSIONS, type Dimension, readBreakdown } from './read-breakdown.ts'
import { readFigures } from './read-figures.ts'
import { readProductList } from './read-product-list.ts'
import { readProducts } from './read-products.ts'
import { readProfile } from './read-profile.ts'
import type { MoneyScope } from './scope.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const scope: MoneyScope = { database, tenant: 'acme', axis: 'booked', currency: 'GBP' }
const november = { from: '2011-11-01', to: '2011-11-30' }

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, ORDERS)
})
afterAll(() => db.stop())

const breakdown = (dimension: Dimension, more: Partial<MoneyScope> & { limit?: number } = {}) =>
  readBreakdown(db.warehouse, { ...scope, ...november, dimension, limit: 10, ...more })

describe('a breakdown', () => {
  test('has the largest first, what is not told, and the rest as other', async () => {
    const { values, other, total } = await breakdown('region', { limit: 1 })
    expect(values.map(({ value, revenue, orders }) => [value, revenue, orders])).toEqual([['North', '90', 1]])
    expect(other).toMatchObject({ values: 2, revenue: '30.5', orders: 3 })
    expect(total).toMatchObject({ revenue: '120.5', orders: 4, units: '6' })
    expect((await breakdown('region')).values.map(({ value }) => value)).toEqual(['North', '', 'South'])
    expect((await breakdown('region')).other).toBeNull()
  })

  test.each(DIMENSIONS)('by %s adds up to the headline, whatever the limit, on both axes', async (by) => {
    for (const axis of ['booked', 'sale'] as const)
      for (const limit of [1, 10]) {
        const { values, other, total } = await breakdown(by, { axis, limit })
        const all = [...values, ...(other === null ? [] : [other])]
        const [headline] = await readFigures(db.warehouse, { ...scope, axis }, [november])
        for (const name of ['revenue', 'sales', 'refunds', 'units', 'commissionBase'] as const) {
          const sum = all.reduce((sum, row) => sum + sumToE4(row[name]), 0n)
          expect([name, fromE4(sum)]).toEqual([name, fromE4(sumToE4(total[name]))])
        }
        const { revenue, sales, refunds, units, orders } = headline!.figures
        expect(total).toMatchObject({ revenue, sales, refunds, units, orders })
        expect(all.reduce((sum, row) => sum + row.orders, 0)).toBe(orders)
      }
  })

  test('by status counts what was placed, though it does not count, by the present status', async () => {
    const { values, total } = await breakdown('status', { axis: 'sale' })
    expect(values.map(({ value, placed, orders, revenue }) => [value, placed, orders, revenue])).toEqual([
      ['completed', 4, 4, '120.5'],
      ['cancelled', 1, 0, '0'],
      ['pending', 1, 0, '0'],
    ])
    expect(total.placed).toBe(6)
  })

  test('keeps currencies and tenants apart', async () => {
    expect((await breakdown('country', { currency: 'EUR' })).total.revenue).toBe('7')
    expect((await breakdown('country', { tenant: 'other' })).total.revenue).toBe('999')
    expect((await breakdown('country', { tenant: 'nobody' })).total.revenue).toBe('0')
  })
})

describe('the commission base', () => {
  test('is revenue less shipping and tax, nothing of a cancelled order, all of it by day', async () => {
    const { values } = await breakdown('rep')
    // 100 − 10 back − 5 shipping − 2.5 tax; neither is told of the orders without one.
    // Nothing is taken off where nothing is left: Ann's cancelled order, Bob's that went back whole.
    expect(values.map(({ value, commissionBase }) => [value, commissionBase])).toEqual([
      ['Ann', '82.5'],
      ['', '30.5'],
      ['Bob', '0'],
    ])
    const on = async (day: string) =>
      (await readBreakdown(db.warehouse, { ...scope, from: day, to: day, dimension: 'rep', limit: 10 })).total
        .commissionBase
    expect([await on('2011-11-17'), await on('2011-11-18'), await on('2011-11-20')]).toEqual([
      '92.5',
      '39',
      '-10.5',
    ])
  })
})

describe('articles', () => {
  const list = (more: object = {}) =>
    readProductList(db.warehouse, {
      ...scope,
      ...november,
      ...{ sort: 'revenue', search: '', offset: 0, limit: 10 },
      ...more,
    })

  test('have cost and profit of the lines whose cost is known, and say which part that is', async () => {
    const { products, total } = await list()
    expect(products).toEqual([
      {
        ...{ sku: 'CAKE', name: 'Cake stand', category: '', revenue: '90', units: '3' },
        // Four were sold at 12.3455, one came back at the same cost.
        ...{ cost: '37.0365', profit: '52.9635', coverage: '1.00', profitReason: null },
      },
      {
        ...{ sku: 'MUG', name: 'Mug', category: '', revenue: '20', units: '2' },
        ...{ cost: '3', profit: '7.00', coverage: '0.50', profitReason: null },
      },
      {
        ...{ sku: 'TEA', name: 'Tea', category: '', revenue: '10.5', units: '1' },
        ...{ cost: null, profit: null, coverage: null },
        profitReason: expect.stringContaining('no source tells'),
      },
    ])
    expect(total).toMatchObject({ articles: 3, revenue: '120.5', cost: '40.0365', coverage: '0.8299' })
  })

  test('are sorted, found by number and name, and paged', async () => {
    const skus = async (more: object) => (await list(more)).products.map(({ sku }) => sku)
    expect(await skus({ sort: 'name' })).toEqual(['CAKE', 'MUG', 'TEA'])
    expect(await skus({ sort: 'profit' })).toEqual(['CAKE', 'MUG', 'TEA'])
    expect(await skus({ search: 'mu' })).toEqual(['MUG'])
    expect(await skus({ search: 'CAKE ST' })).toEqual(['CAKE'])
    expect([await skus({ limit: 2 }), await skus({ limit: 2, offset: 2 })]).toEqual([
      ['CAKE', 'MUG'],
      ['TEA'],
    ])
    expect(await skus({ search: '%' })).toEqual([])
  })

  test('have the name that is left, whether a merge has removed the one that was corrected or not', async () => {
    const named = (name: string) =>
      ({
        ...{
          tenant: 'renames',
          orderId: 'R',
          entries: [{ at: '2012-02-01T10:00:00Z', kind: 'sale', amount: '5' }],
        },
        lines: [{ sku: 'R', name, quantity: '1', amount: '5' }],
      }) satisfies SampleOrder
    await insertChanges(db.warehouse, database, [named('Wrong')])
    await insertChanges(db.warehouse, database, [
      { ...named('Wrong'), sign: -1 },
      { ...named('Right'), revision: 2 },
    ])
    const february = { tenant: 'renames', from: '2012-02-01', to: '2012-02-29' }
    const names = async () =>
      [
        ...(await list(february)).products,
        ...(await readProducts(db.warehouse, { ...scope, ...february, limit: 5 })),
      ].map(({ name }) => name)
    expect(await names()).toEqual(['Right', 'Right'])
    await db.warehouse.command(`OPTIMIZE TABLE ${database}.products_v1 FINAL`)
    expect(await names()).toEqual(['Right', 'Right'])
  })

  test('round each line half-even at the fourth decimal', async () => {
    const line = (sku: string, quantity: string, unitCost: string) => ({
      ...{ sku, name: sku, amount: '1' },
      ...{ quantity, unitCost },
    })
    // 0.00005 → 0, 0.00015 → 0.0002, and nothing overflows on the way.
    const lines = [
      line('DOWN', '0.5', '0.0001'),
      line('UP', '1.5', '0.0001'),
      line('BIG', '99999999999', '1'),
    ]
    const entries = [{ at: '2012-01-05T10:00:00Z', kind: 'sale' as const, amount: '3' }]
    await insertChanges(db.warehouse, database, [{ tenant: 'rounds', orderId: '1', entries, lines }])
    const { products } = await list({ tenant: 'rounds', from: '2012-01-01', to: '2012-01-31', sort: 'name' })
    expect(products.map(({ sku, cost }) => [sku, cost])).toEqual([
      ['BIG', '99999999999'],
      ['DOWN', '0'],
      ['UP', '0.0002'],
    ])
  })
})

describe('the week by hours', () => {
  const profile = (range: { from: string; to: string }, now = '2030-01-01T00:00:00Z') =>
    readProfile(db.warehouse, {
      ...scope,
      ...{ tenant: 'clock', timeZone: 'Europe/London', nowMs: Date.parse(now) },
      ...range,
    })
  const cell = async (range: { from: string; to: string }, weekday: number, hour: number, now?: string) =>
    (await profile(range, now)).find((one) => one.weekday === weekday && one.hour === hour)!

  beforeAll(async () => {
    const at = (orderId: string, iso: string, amount: string): SampleOrder => ({
      ...{ tenant: 'clock', orderId },
      entries: [{ at: iso, kind: 'sale', amount }],
    })
    await insertChanges(db.warehouse, database, [
      at('1', '2011-11-07T10:30:00Z', '10'),
      at('2', '2011-11-14T10:00:00Z', '5'),
      // The last Sunday of October has 01:00 to 02:00 twice, that of March has it not at all.
      at('3', '2011-10-30T00:30:00Z', '4'),
      at('4', '2011-10-30T01:30:00Z', '6'),
    ])
  })

  test('averages over the weeks that are behind an hour', async () => {
    const range = { from: '2011-11-07', to: '2011-11-27' }
    expect(await profile(range)).toHaveLength(168)
    expect(await cell(range, 1, 10)).toEqual({
      ...{ weekday: 1, hour: 10, weeks: 3, hours: '3.00', revenue: '15', orders: 2 },
      ...{ revenuePerHour: '5.00', ordersPerHour: '0.6667' },
    })
  })

  test('knows that an hour came twice, or not at all', async () => {
    const october = { from: '2011-10-24', to: '2011-10-30' }
    expect(await cell(october, 7, 1)).toMatchObject({
      weeks: 1,
      hours: '2.00',
      revenue: '10',
      revenuePerHour: '5.00',
    })
    expect(await cell({ from: '2011-03-27', to: '2011-03-27' }, 7, 1)).toMatchObject({
      ...{ weeks: 0, hours: '0.00', revenuePerHour: null, ordersPerHour: null },
    })
    expect(await cell({ from: '2011-03-27', to: '2011-03-27' }, 7, 2)).toMatchObject({
      weeks: 1,
      hours: '1.00',
    })
  })

  test('leaves out the hour that is running, and those to come', async () => {
    const range = { from: '2011-11-07', to: '2011-11-14' }
    const now = '2011-11-14T10:59:59Z'
    expect(await cell(range, 1, 10, now)).toMatchObject({ weeks: 1, revenue: '10', revenuePerHour: '10.00' })
    expect(await cell(range, 1, 9, now)).toMatchObject({ weeks: 2, revenue: '0', revenuePerHour: '0.00' })
    expect(await cell(range, 1, 10, '2011-11-14T11:00:00Z')).toMatchObject({ weeks: 2, revenue: '15' })
  })
})

const sale = (at: string, amount: string, units = '1') => ({ at, kind: 'sale' as const, amount, units })

const ORDERS: SampleOrder[] = [
  {
    ...{ tenant: 'acme', orderId: 'A', region: 'North', state: 'Fife', country: 'UK', channel: 'web' },
    ...{ salesRep: 'Ann', shipping: '5', tax: '2.5' },
    entries: [
      sale('2011-11-17T10:00:00Z', '100', '4'),
      { at: '2011-11-20T10:00:00Z', kind: 'refund', amount: '-10', units: '-1', reference: 'r1' },
    ],
    lines: [{ sku: 'CAKE', name: 'Cake stand', quantity: '4', amount: '100', unitCost: '12.3455' }],
    refundLines: [{ sku: 'CAKE', name: '', quantity: '1', amount: '10', at: '2011-11-20T10:00:00Z' }],
  },
  {
    ...{ tenant: 'acme', orderId: 'B', country: 'UK' },
    entries: [sale('2011-11-18T10:00:00Z', '20', '2')],
    lines: [
      { sku: 'MUG', name: 'Mug', quantity: '1', amount: '10', unitCost: '3' },
      { sku: 'MUG', name: 'Mug', quantity: '1', amount: '10' },
    ],
  },
  {
    ...{ tenant: 'acme', orderId: 'C', region: 'South' },
    entries: [sale('2011-11-18T12:00:00Z', '10.5')],
    lines: [{ sku: 'TEA', name: 'Tea', quantity: '1', amount: '10.5' }],
  },
  // All of it goes back three days later.
  {
    ...{ tenant: 'acme', orderId: 'G', region: 'South', salesRep: 'Bob', shipping: '3' },
    entries: [
      sale('2011-11-18T14:00:00Z', '8'),
      { at: '2011-11-21T14:00:00Z', kind: 'refund', amount: '-8', units: '-1', reference: 'r1' },
    ],
  },
  // Cancelled two days later.
  {
    ...{ tenant: 'acme', orderId: 'D', status: 'cancelled', counts: 0, salesRep: 'Ann', shipping: '1' },
    entries: [
      sale('2011-11-18T13:00:00Z', '0.5'),
      { at: '2011-11-20T13:00:00Z', kind: 'cancel', amount: '-0.5', orders: -1, units: '-1' },
    ],
  },
  {
    ...{ tenant: 'acme', orderId: 'E', status: 'pending', counts: 0 },
    placedAt: '2011-11-19T10:00:00Z',
    entries: [],
  },
  { tenant: 'acme', orderId: 'F', currency: 'EUR', entries: [sale('2011-11-17T13:00:00Z', '7')] },
  { tenant: 'other', orderId: 'A', region: 'North', entries: [sale('2011-11-17T10:00:00Z', '999')] },
]
