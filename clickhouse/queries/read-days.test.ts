import { afterAll, beforeAll, expect, test } from 'vitest'
import { startOfLocalDay } from '../../core/runtime/local-time.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { migrate } from '../migrations/migrate.ts'
import { readChart } from './read-chart.ts'
import { type AskedDay, readDays } from './read-days.ts'
import { readFigures } from './read-figures.ts'
import type { MoneyScope } from './scope.ts'
import { insertChanges, type SampleOrder } from './testing/insert-changes.ts'

const database = 'revwall_r1'
const acme: MoneyScope = { database, tenant: 'acme', axis: 'booked', currency: 'GBP' }

let db: TestEngine
beforeAll(async () => {
  db = await startTestEngine()
  await migrate(db.warehouse, { database })
  await insertChanges(db.warehouse, database, ORDERS)
})
afterAll(() => db.stop())

const asked = (day: string, until?: string): AskedDay => {
  const at = Date.parse(`${day}T00:00:00Z`) / 86_400_000
  return {
    day,
    startMs: startOfLocalDay(at, 'Europe/London'),
    endMs: startOfLocalDay(at + 1, 'Europe/London'),
    ...(until === undefined ? {} : { beforeMs: Date.parse(until) }),
  }
}
const DAYS = [
  asked('2011-11-17'),
  asked('2011-11-16', '2011-11-16T10:01:00Z'),
  asked('2011-11-10', '2011-11-10T10:01:00Z'),
]

test.each(['booked', 'sale'] as const)('are the figures and the lines of each day: %s', async (axis) => {
  const scope = { ...acme, axis }
  const answers = await readDays(db.warehouse, scope, DAYS)
  const spans = DAYS.map(({ day, beforeMs }) =>
    beforeMs === undefined ? { from: day, to: day } : { from: day, to: day, beforeMs },
  )
  const figures = await readFigures(db.warehouse, scope, spans)
  const lines = await readChart(db.warehouse, scope, DAYS)
  expect(answers).toEqual(figures.map((one, i) => ({ ...one, line: lines[i] })))
  // The days differ, and what comes after the cut is in the line alone.
  expect(answers.map(({ figures: { revenue } }) => revenue)).toEqual(['17', '4', '0'])
  expect(answers[0]!.otherCurrencies).toEqual([{ currency: 'EUR', revenue: '7' }])
  expect(answers[1]).toMatchObject({ figures: { customers: 1, orders: 1 } })
  expect(answers[1]!.line.at(-1)).toBe('36.00')
})

test('count customers where all minutes of the view sum to nothing', async () => {
  const at = { tenant: 'void', country: '' }
  const entry = { at: '2011-11-17T10:00:00Z', kind: 'sale' as const, amount: '5' }
  await insertChanges(db.warehouse, database, [
    { ...at, orderId: '1', customer: 'a', entries: [entry] },
    { ...at, orderId: '2', customer: 'b', sign: -1, entries: [entry] },
  ])
  await db.warehouse.command(`OPTIMIZE TABLE ${database}.headline_v1 FINAL`)
  const [answer] = await readDays(db.warehouse, { ...acme, tenant: 'void' }, DAYS)
  expect(answer).toMatchObject({ figures: { orders: 0, revenue: '0', customers: 1 } })
})

function order(orderId: string, at: string, amount: string, more: Partial<SampleOrder> = {}): SampleOrder {
  return { tenant: 'acme', orderId, customer: 'c1', entries: [{ at, kind: 'sale', amount }], ...more }
}

const ORDERS = [
  order('T1', '2011-11-17T09:00:00Z', '10'),
  order('T2', '2011-11-17T23:58:00Z', '7'),
  order('T3', '2011-11-17T12:00:00Z', '7', { currency: 'EUR', customer: 'c2' }),
  order('Y1', '2011-11-16T10:00:30Z', '4'),
  order('Y2', '2011-11-16T10:01:00Z', '32', { customer: 'c3' }),
  order('Z1', '2011-11-17T09:00:00Z', '99', { tenant: 'zebra' }),
]
