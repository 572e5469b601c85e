import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { readKeyDays, readLargestKeys, type SplitDimension } from './read-day-series.ts'
import { readPastValues } from './read-past-values.ts'
import type { MoneyScope } from './scope.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const acme: MoneyScope = { database, tenant: 'acme', axis: 'booked', currency: 'GBP' }
const range = { from: '2011-11-07', to: '2011-11-20' }

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, ORDERS)
})
afterAll(() => db.stop())

async function sumsOf(dimension: SplitDimension, axis: MoneyScope['axis'] = 'booked'): Promise<string[]> {
  const scope = { ...acme, axis, ...range, dimension }
  const keys = await readLargestKeys(db.warehouse, { ...scope, limit: 10 })
  const rows = await readKeyDays(db.warehouse, { ...scope, keys, fromLines: true })
  return rows.map(({ key, day, revenue, sales, orders }) => `${key} ${day} ${revenue} ${sales} ${orders}`)
}

describe('sums of days by the values of a dimension', () => {
  it('are revenue, sales and orders', async () => {
    expect(await sumsOf('country')).toEqual(
      [
        'Norway 2011-11-15 -2 0 0',
        'Spain 2011-11-14 6 6 1',
        'Norway 2011-11-08 20 20 2',
        'Norway 2011-11-14 9 9 1',
      ].sort(),
    )
    expect(await sumsOf('source')).toEqual([
      'shop 2011-11-08 20 20 2',
      'shop 2011-11-14 15 15 2',
      'shop 2011-11-15 -2 0 0',
    ])
  })

  it('count an order once for an article, and only with the lines that it has now', async () => {
    expect(await sumsOf('product')).toEqual([
      // Two lines of one order, and one of another; what came back is no sale less.
      'mug 2011-11-08 13 13 2',
      'mug 2011-11-15 -2 0 0',
      // It was taken out of the order of the 14th by an edit.
      'pen 2011-11-08 7 7 1',
      'tea 2011-11-14 15 15 2',
    ])
    // Of what came back only the article is known.
    expect(await sumsOf('category')).toEqual(['desk 2011-11-08 20 20 2', 'kitchen 2011-11-14 15 15 2'])
    const some = { ...acme, ...range, dimension: 'product' as const, keys: ['mug'] }
    expect(await readKeyDays(db.warehouse, { ...some, fromLines: false })).toMatchObject([
      { day: '2011-11-08', revenue: '13', sales: '0', orders: 0 },
      { day: '2011-11-15', revenue: '-2', sales: '0', orders: 0 },
    ])
    expect((await sumsOf('product', 'sale')).filter((row) => row.startsWith('mug'))).toEqual([
      'mug 2011-11-08 11 13 2',
    ])
  })
})

it('has a value for every day or week, and no ticket of one without orders', async () => {
  const ask = (step: 'day' | 'week', series: 'revenue' | 'orders' | 'ticket', key = '') =>
    readPastValues(db.warehouse, {
      ...{ ...acme, ...range, step, series, key },
      dimension: key === '' ? 'all' : 'country',
    })
  expect(await ask('week', 'revenue')).toEqual([
    { day: '2011-11-07', value: '20.00' },
    { day: '2011-11-14', value: '13.00' },
  ])
  expect(await ask('week', 'ticket')).toEqual([
    { day: '2011-11-07', value: '10.00' },
    { day: '2011-11-14', value: '7.50' },
  ])
  expect(await ask('week', 'orders', 'Spain')).toEqual([
    { day: '2011-11-07', value: '0' },
    { day: '2011-11-14', value: '1' },
  ])
  expect(await ask('week', 'ticket', 'Spain')).toEqual([
    { day: '2011-11-07', value: null },
    { day: '2011-11-14', value: '6.00' },
  ])
  const days = await ask('day', 'orders', 'Norway')
  expect(days).toHaveLength(14)
  expect(days.filter(({ value }) => value !== '0')).toEqual([
    { day: '2011-11-08', value: '2' },
    { day: '2011-11-14', value: '1' },
  ])
})

const line = (sku: string, amount: string, category = 'desk') => ({
  ...{ sku, name: sku, quantity: '1', amount, category },
})
const sale = (orderId: string, at: string, amount: string, more: Partial<SampleOrder>): SampleOrder => ({
  ...{ tenant: 'acme', orderId, country: 'Norway', entries: [{ at, kind: 'sale', amount }] },
  ...more,
})
const TEA = { lines: [line('tea', '9', 'kitchen')] }
const ORDERS: SampleOrder[] = [
  sale('a', '2011-11-08T10:00:00Z', '15', {
    lines: [line('mug', '3'), line('mug', '5'), line('pen', '7')],
  }),
  sale('b', '2011-11-08T11:00:00Z', '5', {
    lines: [line('mug', '5')],
    refundLines: [{ sku: 'mug', name: 'mug', quantity: '1', amount: '2', at: '2011-11-15T10:00:00Z' }],
    entries: [
      { at: '2011-11-08T11:00:00Z', kind: 'sale', amount: '5' },
      { at: '2011-11-15T10:00:00Z', kind: 'refund', amount: '-2' },
    ],
  }),
  // As it was, and as it is: a pen was taken out.
  sale('c', '2011-11-14T10:00:00Z', '13', { lines: [...TEA.lines, line('pen', '4')] }),
  sale('c', '2011-11-14T10:00:00Z', '13', {
    ...{ lines: [...TEA.lines, line('pen', '4')], sign: -1, revision: 2 },
  }),
  sale('c', '2011-11-14T10:00:00Z', '9', { ...TEA, revision: 2 }),
  sale('d', '2011-11-14T12:00:00Z', '6', { country: 'Spain', lines: [line('tea', '6', 'kitchen')] }),
  // What does not count, is of another currency or another tenant.
  sale('e', '2011-11-14T12:00:00Z', '6', {
    ...TEA,
    counts: 0,
    entries: [],
    placedAt: '2011-11-14T12:00:00Z',
  }),
  sale('f', '2011-11-14T12:00:00Z', '6', { ...TEA, currency: 'EUR' }),
  sale('g', '2011-11-14T12:00:00Z', '6', { ...TEA, tenant: 'zebra' }),
]
