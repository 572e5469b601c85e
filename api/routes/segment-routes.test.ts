import { afterAll, beforeAll, expect, test } from 'vitest'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { SEGMENT_CHOICES, SEGMENT_MODES } from '../../core/segments/segment-modes.ts'
import { DEFAULT_SEGMENT_RULES } from '../../core/segments/segment-rules.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
let byRules: TestApi
beforeAll(async () => {
  ;[api, byRules] = await Promise.all([startTestApi(), startTestApi({ segments: 'rules' })])
  for (const { db, insert } of [api, byRules]) {
    const progress = [{ upTo: '2011-11-17T12:00:00Z', polledAt: AT }]
    await insert(marks(4, { first: 0, last: 9, progress }))
    await insertRows(db.warehouse, `${DATABASE}.segment_changes`, CHANGES, 'changes')
    await insertRows(db.warehouse, `${DATABASE}.segment_days`, DAYS, 'days')
  }
  // The marks are looked at once a second.
  for (const from of [api, byRules])
    await waitUntil('its day', 10_000, async () => (await get('/segments', from)).body.from === '2011-11-17')
})
afterAll(async () => {
  await api?.stop()
  await byRules?.stop()
})

const AT = '2026-11-17T12:00:00.000Z'
const change = (customer: string, came_from: string, segment: string, more: object) => ({
  ...{ tenant: 'acme', customer, revision: 1, at: AT, day: '2011-11-17', mode: 'default', currency: 'GBP' },
  ...{
    came_from,
    segment,
    orders: 2,
    revenue: '40',
    first_day: '2011-11-01',
    last_day: '2011-11-10',
    ...more,
  },
})
const CHANGES = [
  change('best', '', 'champions', { recency: 5, frequency: 5, monetary: 5 }),
  change('late', 'loyal', 'at-risk', { recency: 2, frequency: 5, monetary: 1, at: '2026-11-17T12:00:01Z' }),
  change('gone', 'lost', '', { orders: 0, revenue: '0', last_day: '1970-01-01', day: '2011-11-16' }),
  change('odd', 'new', 'regular', { recency: 5, frequency: 1, monetary: 1, mode: 'rules-v1' }),
]
const DAYS = [
  {
    tenant: 'acme',
    day: '2011-11-16',
    mode: 'default',
    segment: 'champions',
    at: AT,
    customers: 3,
    revenue: '9.5',
  },
]

async function get(path: string, from = api) {
  const response = await from.app.inject({ method: 'GET', url: `/api/v1${path}` })
  return { status: response.statusCode, body: response.json() }
}

test.each(SEGMENT_CHOICES)('customers are divided by %s, with the names of its segments', async (mode) => {
  const { status, body } = await get(`/segments?mode=${mode}`)
  expect(status).toBe(200)
  const { segments } = mode === 'rules' ? DEFAULT_SEGMENT_RULES : SEGMENT_MODES[mode]
  expect(body).toMatchObject({
    mode,
    version: mode === 'rules' ? 1 : null,
    live: 'default',
    labels: segments,
  })
  const ids = segments.map(({ id }) => id as string)
  const told = body.segments as { segment: string; customers: number }[]
  expect(told.filter(({ segment }) => !ids.includes(segment))).toEqual([])
  expect(told.reduce((sum, { customers }) => sum + customers, 0)).toBe(3)
  expect(body.functionSql === null).toBe(mode !== 'rules')
})

test('moves and days are those of the division that was live', async () => {
  const { body } = await get('/segments/moves?from=2011-11-16&to=2011-11-17&limit=2')
  expect(body).toMatchObject({ mode: 'default', live: 'default', from: '2011-11-16', to: '2011-11-17' })
  expect(body.moves).toEqual([
    { from: null, to: 'champions', customers: 1, revenue: '40' },
    { from: 'lost', to: null, customers: 1, revenue: '0' },
    { from: 'loyal', to: 'at-risk', customers: 1, revenue: '40' },
  ])
  expect(body.last.map(({ customer, from, to }: Record<string, string>) => [customer, from, to])).toEqual([
    ['late', 'loyal', 'at-risk'],
    ['best', null, 'champions'],
  ])
  expect((await get('/segments/moves?from=2011-11-16&to=2011-11-17&limit=0')).body.last).toEqual([])
  expect((await get('/segments/moves?mode=rules')).body.moves).toMatchObject([{ from: 'new', to: 'regular' }])
  const days = await get('/segments/days?from=2011-11-01&to=2011-11-17')
  expect(days.body.days).toMatchObject([
    { day: '2011-11-16', segment: 'champions', customers: 3, revenue: '9.5' },
  ])
  expect((await get('/segments/days?from=2011-11-01&mode=shopify&to=2011-11-17')).body.days).toEqual([])
})

test('what is not said is the live mode', async () => {
  expect((await get('/segments', byRules)).body).toMatchObject({ mode: 'rules', version: 1, live: 'rules' })
  expect((await get('/customers/late/segment', byRules)).body).toMatchObject({
    ...{ mode: 'rules', segment: 'regular', recency: 2, orders: 2 },
  })
  expect((await get('/customers/late/segment?mode=lifecycle')).body).toMatchObject({ segment: 'at-risk' })
  expect((await get('/customers/gone/segment')).body).toMatchObject({ segment: null, recency: null })
})

test('a version that is not there, or is of no rules, is refused', async () => {
  const unknown = await get('/segments?mode=rules&version=9')
  expect([unknown.status, unknown.body.error.message]).toEqual([400, 'There is no version 9 of the rules.'])
  expect((await get('/segments?version=1')).status).toBe(400)
  expect((await get('/segments?mode=none')).status).toBe(400)
})
