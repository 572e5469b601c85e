import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { CONTRIBUTION_DIMENSIONS, type DaySpan, explainChange } from './explain-change.ts'
import { readFigures } from './read-figures.ts'
import type { MoneyScope } from './scope.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const acme: MoneyScope = { database, tenant: 'acme', axis: 'booked', currency: 'GBP' }
const [friday, thursday] = ['2011-11-18', '2011-11-17']

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, ORDERS)
})
afterAll(() => db.stop())

const at = (day: string, time: string) => `${day}T${time}:00Z`
const line = (sku: string, amount: string) => ({ sku, name: `the ${sku}`, quantity: '1', amount })
const sale = (
  orderId: string,
  day: string,
  time: string,
  amount: string,
  more: Partial<SampleOrder> = {},
) => ({
  ...{ tenant: 'acme', orderId, lines: [line('MUG', amount)], customer: 'c1', country: 'Norway' },
  entries: [{ at: at(day, time), kind: 'sale' as const, amount, units: '1' }],
  ...more,
})
const MOVED = sale('A3', friday, '10:20', '30', { country: 'Spain', source: 'market' })
const ORDERS: SampleOrder[] = [
  sale('A1', thursday, '09:30', '100'),
  // Shipping is no article's.
  sale('A2', friday, '09:10', '50.5', { lines: [line('BOX', '45.5')], customer: '' }),
  // Once told to be from Spain, and then from Norway: it is all Norway's.
  MOVED,
  { ...MOVED, sign: -1, revision: 1 },
  { ...MOVED, sign: 1, revision: 2, country: 'Norway' },
  {
    ...sale('A4', thursday, '08:00', '80', { country: 'Spain' }),
    entries: [
      { at: at(thursday, '08:00'), kind: 'sale', amount: '80' },
      { at: at(friday, '09:45'), kind: 'refund', amount: '-20', reference: 'r1' },
    ],
    refundLines: [{ ...line('MUG', '20'), at: at(friday, '09:45') }],
  },
  sale('A5', friday, '11:00', '900'),
  sale('E1', friday, '09:15', '7777', { currency: 'EUR' }),
  sale('Z1', friday, '09:15', '6666', { tenant: 'zebra' }),
]

const span = (day: string, from: string | null, to: string | null): DaySpan => ({
  day,
  fromMs: from === null ? null : Date.parse(at(day, from)),
  toMs: to === null ? null : Date.parse(at(day, to)),
})
const explain = (now: DaySpan, before: DaySpan, more: { axis?: 'booked' | 'sale'; limit?: number } = {}) =>
  explainChange(db.warehouse, { ...acme, now, before, limit: 5, ...more })

test('each dimension tells who brought the difference, the largest first', async () => {
  const told = await explain(span(friday, '09:00', '11:00'), span(thursday, '09:00', '11:00'))
  expect(told.revenue).toEqual({ now: '60.5', before: '100', change: '-39.50' })
  expect(told.orders).toEqual({ now: 2, before: 1 })
  const changes = Object.fromEntries(
    told.contributions.map(({ dimension, rows, others }) => [
      dimension,
      [...rows.map(({ key, change }) => [key, change]), ['…', others.change]],
    ]),
  )
  expect(changes).toEqual({
    kind: [
      ['refund', '-20.00'],
      ['sale', '-19.50'],
      ['…', '0.00'],
    ],
    source: [
      ['shop', '-69.50'],
      ['market', '30.00'],
      ['…', '0.00'],
    ],
    channel: [
      ['', '-39.50'],
      ['…', '0.00'],
    ],
    country: [
      ['Spain', '-20.00'],
      ['Norway', '-19.50'],
      ['…', '0.00'],
    ],
    region: [
      ['', '-39.50'],
      ['…', '0.00'],
    ],
    product: [
      ['MUG', '-90.00'],
      ['BOX', '45.50'],
      ['…', '5.00'],
    ],
    customer: [
      ['c1', '-90.00'],
      ['', '50.50'],
      ['…', '0.00'],
    ],
  })
  expect(told.contributions.find(({ dimension }) => dimension === 'product')?.rows[0]?.name).toBe('the MUG')
  expect(told.largest.map(({ orderId, change }) => [orderId, change])).toEqual([
    ['A1', '-100.00'],
    ['A2', '50.50'],
    ['A3', '30.00'],
    ['A4', '-20.00'],
  ])
})

test('whole days are the headline’s, and every dimension adds up, whatever the axis and the limit', async () => {
  for (const axis of ['booked', 'sale'] as const)
    for (const limit of [1, 50]) {
      const told = await explain(span(friday, null, null), span(thursday, null, null), { axis, limit })
      const [now, before] = await readFigures(db.warehouse, { ...acme, axis }, [
        { from: friday, to: friday },
        { from: thursday, to: thursday },
      ])
      expect(told.revenue).toMatchObject({ now: now!.figures.revenue, before: before!.figures.revenue })
      expect(told.orders).toEqual({ now: now!.figures.orders, before: before!.figures.orders })
      expect(told.contributions.map(({ dimension }) => dimension)).toEqual(CONTRIBUTION_DIMENSIONS)
      for (const { dimension, rows, others } of told.contributions) {
        expect(rows.length).toBeLessThanOrEqual(limit)
        const sum = [...rows, others].reduce((sum, { change }) => sum + sumToE4(change), 0n)
        expect([dimension, fromE4(sum)]).toEqual([dimension, told.revenue.change])
      }
    }
})

test('what was cut in another zone belongs to the day that it was booked on', async () => {
  const zone = 'Asia/Tokyo'
  const early = { ...sale('A9', thursday, '16:00', '11', { tenant: 'tokyo' }), zone }
  await insertChanges(db.warehouse, database, [early])
  const startMs = startOfLocalDay(parseDay(friday), 'Europe/London')
  const scope = { ...acme, tenant: 'tokyo', limit: 5, before: span(thursday, null, null) }
  const whole = await explainChange(db.warehouse, { ...scope, now: span(friday, null, null) })
  expect(whole.revenue.now).toBe('11')
  const later = { day: friday, fromMs: startMs + 60_000, toMs: null }
  expect((await explainChange(db.warehouse, { ...scope, now: later })).revenue.now).toBe('0')
})
