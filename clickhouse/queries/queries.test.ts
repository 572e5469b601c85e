import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatDay, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { countDeadLetters } from './count-dead-letters.ts'
import { readChart } from './read-chart.ts'
import { readCountries } from './read-countries.ts'
import { readDeadLetters } from './read-dead-letters.ts'
import { readFigures } from './read-figures.ts'
import { readFirstDay } from './read-first-day.ts'
import { readLatest } from './read-latest.ts'
import { readLines } from './read-lines.ts'
import { readMarks } from './read-marks.ts'
import { readProducts } from './read-products.ts'
import { readReconciliation } from './read-reconciliation.ts'
import { readTotals } from './read-totals.ts'
import type { MoneyScope } from './scope.ts'
import { insertChanges, marks, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const acme: MoneyScope = { database, tenant: 'acme', axis: 'booked', currency: 'GBP' }
const day = '2011-11-17'

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, [...ORDERS, edited(1, 1), edited(-1, 1), edited(1, 2)])
})
afterAll(() => db.stop())

describe('figures', () => {
  test('are those of the day, of one tenant, in one currency', async () => {
    const [today] = await readFigures(db.warehouse, acme, [{ from: day, to: day }])
    expect(today).toEqual({
      figures: {
        revenue: '113.875',
        sales: '120.375',
        refunds: '-6.5',
        refundCount: 1,
        credits: '0',
        creditCount: 0,
        adjustments: '0',
        adjustmentCount: 0,
        orders: 3,
        ticket: '40.125',
        units: '11',
        customers: 1,
        guestOrders: 1,
        guestRevenue: '10.125',
      },
      otherCurrencies: [{ currency: 'EUR', revenue: '7' }],
    })
  })

  test('end before the minute that is asked for, each span by itself', async () => {
    const beforeMs = Date.parse('2011-11-17T10:01:00Z')
    const spans = [
      { from: day, to: day, beforeMs },
      { from: day, to: day },
      { from: '2011-11-16', to: day },
    ]
    const answers = await readFigures(db.warehouse, acme, spans)
    expect(answers.map(({ figures }) => figures.revenue)).toEqual(['100', '113.875', '163.875'])
    expect(answers.map(({ figures }) => figures.customers)).toEqual([1, 1, 2])
  })

  test('of the sale axis have the refund on the day of the sale', async () => {
    const [today] = await readFigures(db.warehouse, { ...acme, axis: 'sale' }, [{ from: day, to: day }])
    expect(today?.figures).toMatchObject({ revenue: '120.375', refunds: '0' })
  })

  test('are zeros where nothing is', async () => {
    const [none] = await readFigures(db.warehouse, acme, [{ from: '2001-01-01', to: '2001-01-01' }])
    expect(none?.figures).toMatchObject({ revenue: '0', orders: 0, ticket: null, customers: 0 })
  })
})

test('the first day is the tenant’s own', async () => {
  expect(await readFirstDay(db.warehouse, acme)).toBe('2011-11-16')
  expect(await readFirstDay(db.warehouse, { ...acme, tenant: 'nobody' })).toBeNull()
})

describe('the chart', () => {
  const dayOf = (text: string, timeZone: string) => ({
    day: text,
    startMs: startOfLocalDay(parseDay(text), timeZone),
    endMs: startOfLocalDay(parseDay(text) + 1, timeZone),
  })

  test('cumulates steps of five minutes to the figures of the day', async () => {
    const [today] = await readChart(db.warehouse, acme, [dayOf(day, 'Europe/London')])
    expect(today).toHaveLength(288)
    expect(today!.slice(119, 122)).toEqual(['0.00', '100.00', '110.125'])
    expect(today!.at(-1)).toBe('113.875')
  })

  test('has as many steps as the day has minutes', async () => {
    const days = ['2011-03-27', '2011-10-30'].map((text) => dayOf(text, 'Europe/London'))
    const lines = await readChart(db.warehouse, acme, days)
    expect(lines.map((line) => line.length)).toEqual([276, 300])
    expect(formatDay(parseDay('2011-03-27'))).toBe('2011-03-27')
  })
})

test('products are ranked and netted of returns, with a name', async () => {
  const range = { from: '2011-11-01', to: '2011-11-30', limit: 5 }
  expect(await readProducts(db.warehouse, { ...acme, ...range })).toEqual([
    { sku: 'CAKE', name: 'Cake stand', revenue: '93.5', units: '9' },
    { sku: 'MUG', name: 'Mug', revenue: '10.125', units: '1' },
  ])
  expect(await readProducts(db.warehouse, { ...acme, ...range, limit: 1 })).toHaveLength(1)
})

test('countries are ranked', async () => {
  const range = { from: day, to: day, limit: 5 }
  expect(await readCountries(db.warehouse, { ...acme, ...range })).toEqual([
    { country: 'United Kingdom', revenue: '103.75', orders: 2 },
    { country: '', revenue: '10.125', orders: 1 },
  ])
})

describe('the latest entries', () => {
  test('leave out what was taken back, and are the newest first', async () => {
    const rows = await readLatest(db.warehouse, { ...acme, limit: 10 })
    expect(rows.map(({ orderId, kind, reference, amount }) => [orderId, kind, reference, amount])).toEqual([
      ['EUR1', 'sale', '', '7'],
      ['C', 'edit', '', '0.25'],
      ['OLD', 'refund', 'r1', '-6.5'],
      ['C', 'sale', '', '10'],
      ['B', 'sale', '', '10.125'],
      ['A', 'sale', '', '100'],
      ['OLD', 'sale', '', '50'],
    ])
    expect(rows[4]).toMatchObject({ at: '2011-11-17T10:07:00.000Z', guest: true, country: '' })
  })

  test('have a key each, and one order, though an order was edited twice and changed its currency', async () => {
    const at = '2013-05-01T10:00:00Z'
    const entries = [
      { at, kind: 'sale', amount: '5' },
      { at: '2013-05-01T11:00:00Z', kind: 'edit', amount: '1' },
      { at: '2013-05-01T12:00:00Z', kind: 'edit', amount: '-6' },
    ] satisfies SampleOrder['entries']
    const changed = { ...{ tenant: 'edits', orderId: 'E' }, entries }
    // The processor writes both currencies into one row; for the view they are two entries of one instant all the same.
    const inEuro = { ...changed, orderId: 'E', currency: 'EUR', entries: [entries[2]!] }
    await insertChanges(db.warehouse, database, [changed, { ...inEuro, revision: 2 }])
    for (const limit of [4, 10]) {
      const rows = await readLatest(db.warehouse, { database, tenant: 'edits', limit })
      expect(rows.map(({ kind, currency }) => `${kind} ${currency}`)).toEqual([
        'edit EUR',
        'edit GBP',
        'edit GBP',
        'sale GBP',
      ])
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
    }
  })

  test('are as many as asked for, though many rows cancel each other out', async () => {
    const noise = Array.from({ length: 40 }, (_, i) => [edited(1, 2, `N${i}`), edited(-1, 2, `N${i}`)])
    for (const sign of [0, 1])
      await insertChanges(
        db.warehouse,
        database,
        noise.map((pair) => pair[sign]!),
      )
    const rows = await readLatest(db.warehouse, { ...acme, limit: 2 })
    expect(rows.map(({ orderId }) => orderId)).toEqual(['EUR1', 'C'])
  })
})

test('totals agree whole, by month and by country; lines are counted', async () => {
  const range = { from: '2011-01-01', to: '2011-12-31' }
  const totals = await readTotals(db.warehouse, { ...acme, ...range })
  expect(totals.total).toEqual({
    revenue: '163.875',
    sales: '170.375',
    refunds: '-6.5',
    orders: 4,
    units: '16',
  })
  expect(totals.byMonth.map(({ month, revenue }) => [month, revenue])).toEqual([['2011-11', '163.875']])
  expect(totals.byCountry.map(({ country, revenue }) => [country, revenue])).toEqual([
    ['', '10.125'],
    ['United Kingdom', '153.75'],
  ])
  expect(totals.byMonthAndCountry).toHaveLength(2)
  expect(await readLines(db.warehouse, { ...acme, ...range })).toBe(3)
  const none = await readTotals(db.warehouse, { ...acme, from: '2001-01-01', to: '2001-01-02' })
  expect(none.total.revenue).toBe('0')
})

test('the newest mark of each partition is found, from a known one on too', async () => {
  const at = (upTo: string) => ({ upTo, polledAt: upTo })
  const scope = { database, topic: 'orders', partitions: 3 }
  expect(await readMarks(db.warehouse, scope)).toEqual([])
  // The opening mark and the first batch have the same first offset.
  await insertChanges(db.warehouse, database, [
    ...marks(2, { first: 0, last: -1, progress: [] }),
    ...marks(2, { first: 0, last: 9, progress: [at('2011-11-17T10:00:00Z')] }),
    ...marks(1, {
      first: 10,
      last: 12,
      progress: [at('2011-11-17T10:01:00Z')],
      factAt: '2026-01-01T00:00:00Z',
    }),
  ])
  const first = await readMarks(db.warehouse, scope)
  expect(first.map(({ partition, last }) => [partition, last])).toEqual([
    [0, 12],
    [1, 9],
  ])
  expect(first[0]!.progress).toMatchObject([
    { told: { upTo: '2011-11-17T10:01:00Z', tenant: 'acme' }, factAt: '2026-01-01T00:00:00.000Z' },
  ])
  expect(first[1]!.progress).toMatchObject([{ factAt: null }])
  await insertChanges(db.warehouse, database, marks(3, { first: 20, last: 21, progress: [] }))
  const next = await readMarks(db.warehouse, { ...scope, since: first })
  expect(next.map(({ last }) => last)).toEqual([21, 21, 21])
})

test('the last comparison of each view is read', async () => {
  await db.warehouse.command(`INSERT INTO ${database}.reconciliations VALUES
    ('acme', '2090-01-01 00:00:00', 'headline_v1', 'all', 10, 1, 0.01, 0, 'x'),
    ('acme', '2090-01-01 00:00:01', 'headline_v1', 'all', 10, 0, 0, 1, ''),
    ('acme', '2090-01-01 00:00:00', 'products_v1', 'all', 5, 1, 0.01, 0, 'k'),
    ('other', '2090-01-02 00:00:00', 'products_v1', 'all', 5, 3, 9, 0, 'k')`)
  expect(await readReconciliation(db.warehouse, acme)).toEqual([
    {
      view: 'headline_v1',
      at: '2090-01-01T00:00:01.000Z',
      scope: 'all',
      buckets: 10,
      drifted: 0,
      drift: '0',
      mended: true,
      example: '',
    },
    {
      view: 'products_v1',
      at: '2090-01-01T00:00:00.000Z',
      scope: 'all',
      buckets: 5,
      drifted: 1,
      drift: '0.01',
      mended: false,
      example: 'k',
    },
  ])
})

test('dead letters come once each, by page, and are counted by reason', async () => {
  for (let i = 0; i < 2; i++)
    await db.warehouse.command(`INSERT INTO ${database}.dead_letters VALUES
      ('acme', 'shop', 'f:1', 'invalid', 'd', '2026-01-01 00:00:00', repeat('é', 3000), 'utf8', 1),
      ('acme', 'shop', 'f:2', 'unreadable', 'd', '2026-01-01 00:00:01', 'p', 'utf8', 2),
      ('other', 'shop', 'f:3', 'invalid', 'd', '2026-01-01 00:00:00', 'p', 'utf8', 3)`)
  expect(await countDeadLetters(db.warehouse, acme)).toEqual(
    new Map([
      ['invalid', 1],
      ['unreadable', 1],
    ]),
  )
  const [letter] = await readDeadLetters(db.warehouse, { ...acme, offset: 1, limit: 10 })
  expect(letter).toMatchObject({ origin: 'f:1', payload: 'é'.repeat(2000), payloadSize: 6000 })
})

const sale = (at: string, amount: string, units = '1') => ({ at, kind: 'sale' as const, amount, units })
const lineOf = (sku: string, name: string, quantity: string, amount: string) => ({
  sku,
  name,
  quantity,
  amount,
})

/** Revision 1 of order C is 10.00, revision 2 has an edit of 0.25 on top. */
function edited(sign: 1 | -1, revision: number, orderId = 'C'): SampleOrder {
  const first = sale('2011-11-17T11:00:00Z', '10')
  const edit = { at: '2011-11-17T12:00:00Z', kind: 'edit' as const, amount: '0.25' }
  const entries = revision === 1 ? [first] : [first, edit]
  return { tenant: 'acme', orderId, sign, revision, entries, customer: 'c1', country: 'United Kingdom' }
}

const ORDERS: SampleOrder[] = [
  {
    tenant: 'acme',
    orderId: 'A',
    customer: 'c1',
    country: 'United Kingdom',
    entries: [sale('2011-11-17T10:00:30Z', '100', '10')],
    lines: [lineOf('CAKE', 'Cake stand', '10', '100')],
  },
  {
    tenant: 'acme',
    orderId: 'B',
    entries: [sale('2011-11-17T10:07:00Z', '10.125')],
    lines: [lineOf('MUG', 'Mug', '1', '10.125')],
  },
  {
    tenant: 'acme',
    orderId: 'OLD',
    customer: 'c2',
    country: 'United Kingdom',
    entries: [
      sale('2011-11-16T09:00:00Z', '50', '5'),
      { at: '2011-11-17T11:30:00Z', kind: 'refund', amount: '-6.5', units: '-1', reference: 'r1' },
    ],
    refundLines: [{ ...lineOf('CAKE', '', '1', '6.5'), at: '2011-11-17T11:30:00Z' }],
    lines: [],
  },
  {
    tenant: 'acme',
    orderId: 'EUR1',
    customer: 'c3',
    currency: 'EUR',
    entries: [sale('2011-11-17T13:00:00Z', '7')],
  },
  { tenant: 'other', orderId: 'A', customer: 'x', entries: [sale('2011-11-17T10:00:00Z', '999')] },
]
