import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import { marks, type SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { toE4 } from '../../core/contracts/money.ts'
import { formatDay, localDay } from '../../core/runtime/local-time.ts'
import { countCohorts } from '../../processors/rfm/cohorts.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

const NOW = new Date().toISOString()
let api: TestApi
/** Of acme. */
let analyst: Warehouse
beforeAll(async () => {
  api = await startTestApi()
  await api.insert([
    ...ORDERS,
    ...marks(4, { first: 0, last: 9, progress: [{ upTo: '2011-11-17T12:00:00Z', polledAt: NOW }] }),
  ])
  await insertRows(api.db.warehouse, `${DATABASE}.customer_segments`, SEGMENT_ROWS, 'segments')
  await insertRows(api.db.warehouse, `${DATABASE}.customer_values`, VALUE_ROWS, 'values')
  await insertRows(api.db.warehouse, `${DATABASE}.value_models`, [MODEL_ROW], 'model')
  await publishViews(api.db.warehouse, { database: DATABASE })
  analyst = connectWarehouse({ url: api.db.engine.url, ...api.db.engine.analysts[0]! })
})
afterAll(async () => {
  await analyst?.close()
  await api?.stop()
})

async function get(path: string) {
  const response = await api.app.inject({ method: 'GET', url: path })
  return { status: response.statusCode, body: response.json() }
}

const LIST = '/api/v1/customers/values'
type Listed = Record<string, string | number | null> & { customer: string }

async function pages(query: string): Promise<Listed[]> {
  const found: Listed[] = []
  for (let cursor = ''; ; ) {
    const { status, body } = await get(`${LIST}?limit=7&${query}${cursor}`)
    expect([status, body.currency]).toEqual([200, 'GBP'])
    found.push(...body.customers)
    if (body.next === null) {
      expect(body.total).toBe(found.length)
      return found
    }
    cursor = `&cursor=${body.next}`
  }
}

describe('customers with what they may bring', () => {
  test.each([
    ['value', (row: Listed) => Number(row.expectedValue ?? -1)],
    ['revenue', (row: Listed) => Number(row.revenue)],
    ['orders', (row: Listed) => Number(row.orders)],
    ['last', (row: Listed) => Date.parse(String(row.lastDay))],
    ['alive', (row: Listed) => Number(row.alive ?? -1)],
    ['churn', (row: Listed) => Number(row.churnRisk ?? -1)],
  ])('come by pages, each once, the largest %s first', async (sort, placeOf) => {
    const rows = await pages(`sort=${sort}`)
    const wanted = [...rows].sort((a, b) => placeOf(b) - placeOf(a) || (a.customer < b.customer ? -1 : 1))
    expect(rows.map(({ customer }) => customer)).toEqual(wanted.map(({ customer }) => customer))
    expect(new Set(rows.map(({ customer }) => customer)).size).toBe(39)
  })

  test('have no values where the model does not know them, and those who are gone are not there', async () => {
    const rows = await pages('sort=value')
    expect(rows.at(-1)).toMatchObject({
      alive: null,
      churnRisk: null,
      expectedOrders: null,
      expectedValue: null,
    })
    expect(rows[0]).toMatchObject({
      customer: 'c-38',
      alive: 0.038,
      churnRisk: 0.962,
      expectedValue: '1038.5',
    })
    expect(rows.filter(({ customer }) => customer === 'c-0' || customer === 'gone')).toEqual([])
  })

  test('are filtered by segment and pseudonym, and refused what they are not sorted by', async () => {
    const lost = await pages('segment=lost')
    expect(lost.map(({ segment }) => segment)).toEqual(lost.map(() => 'lost'))
    expect(lost).toHaveLength(13)
    // In other words they are others.
    expect((await pages('segment=churned&mode=lifecycle')).map(({ customer }) => customer)).toEqual(
      lost.map(({ customer }) => customer),
    )
    expect(await pages('segment=opportunists&mode=rules')).toEqual([])
    expect((await pages('segment=regular&mode=rules&version=1')).length).toBeGreaterThan(20)
    expect((await get(`${LIST}?segment=lost&version=1`)).status).toBe(400)
    const some = await pages('segment=lost&q=C-1&sort=revenue')
    expect(some.map(({ customer }) => customer)).toEqual(['c-12', 'c-15', 'c-18'])
    const { body } = await get(`${LIST}?limit=3&sort=alive`)
    expect((await get(`${LIST}?limit=3&sort=value&cursor=${body.next}`)).status).toBe(400)
    const forged = Buffer.from(JSON.stringify(['last', '2011-02-31', 'c-1'])).toString('base64url')
    expect((await get(`${LIST}?sort=last&cursor=${forged}`)).status).toBe(400)
  })

  test('tell how they were fitted, and how an analyst asks for the same', async () => {
    const { body } = await get(`${LIST}?limit=5&segment=lost&q=c-1`)
    expect(body.model).toMatchObject({
      ...{ cutOff: '2011-11-16', current: true, revision: 3, refusal: null, customers: 38 },
      bgNbd: { r: 0.25, alpha: 4.5, a: 0.75, b: 2.5, logLikelihood: -9_582.5, customers: 38 },
      ...{ gammaGamma: null, valueRefusal: { reason: 'no-mean', message: 'too wild' } },
    })
    const rows = await analyst.query<{ customer: string; expected_value: string }>(body.sql)
    expect(rows.map(({ customer, expected_value }) => [customer, expected_value])).toEqual(
      body.customers.map(({ customer, expectedValue }: Listed) => [customer, expectedValue]),
    )
    expect(rows).toHaveLength(3)
    expect((await get(`${LIST}?tenant=zebra`)).body).toMatchObject({ total: 0, customers: [], model: null })
    expect(body.analytics).toBe(true)
  })

  test('stand by themselves as well', async () => {
    const { body } = await get('/api/v1/customers/k-1')
    expect(body.value).toEqual({
      ...{ cutOff: '2011-11-16', alive: 0.5, churnRisk: 0.5 },
      ...{ expectedOrders: 2.5, expectedValue: '17.25' },
    })
    expect((await get('/api/v1/customers/k-2')).body.value).toBeNull()
  })
})

test('cohorts are those that countCohorts counts, with what they brought', async () => {
  const { body } = await get('/api/v1/retention')
  expect(body.month).toBe('2011-11')
  const month = (iso: string) => {
    const day = formatDay(localDay(Date.parse(iso), 'Europe/London'))
    return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1
  }
  const counted = ORDERS.filter(({ counts, currency, customer }) => counts !== 0 && !currency && customer)
  const names = [...new Set(counted.map(({ customer }) => customer!))]
  const rows = {
    customer: Int32Array.from(counted, ({ customer }) => names.indexOf(customer!)),
    month: Int32Array.from(counted, ({ entries }) => month(entries[0]!.at)),
  }
  const first = Int32Array.from(names, (name) =>
    Math.min(
      ...counted.filter(({ customer }) => customer === name).map(({ entries }) => month(entries[0]!.at)),
    ),
  )
  const matrix = countCohorts(first, rows, month('2011-11-17T12:00:00Z'))
  const told = body.cohorts as {
    month: string
    customers: number
    cells: { customers: number; revenue: string }[]
  }[]
  expect(told.map(({ customers }) => customers)).toEqual([...matrix.sizes])
  expect(told.length).toBe(11)
  told.forEach(({ cells }, row) => {
    expect(cells.map(({ customers }) => customers)).toEqual([
      ...matrix.active.slice(row * matrix.width, row * matrix.width + matrix.width - row),
    ])
  })
  const all = told.flatMap(({ cells }) => cells).reduce((sum, { revenue }) => sum + toE4(revenue), 0)
  // Every order's, and what came back of one.
  expect(all).toBe(
    counted.reduce((sum, { entries }) => sum + entries.reduce((e, one) => e + toE4(one.amount), 0), 0),
  )
  const asked = await analyst.query<{ customers: string }>(body.sql)
  expect(asked.reduce((sum, { customers }) => sum + Number(customers), 0)).toBe(
    told.flatMap(({ cells }) => cells).reduce((sum, { customers }) => sum + customers, 0),
  )
  const few = await get('/api/v1/retention?cohorts=2')
  expect(few.body.cohorts.map((one: { month: string }) => one.month)).toEqual(['2011-10', '2011-11'])
})

describe('pages while customers change', () => {
  const SORTS = ['value', 'revenue', 'orders', 'last', 'alive', 'churn'] as const
  /** Of a tenant of their own: groups of ten that are alike in everything, and some that no model knows. */
  const alike = (n: number) => Math.floor(n / 10)
  const zebra = { tenant: 'zebra', at: NOW, currency: 'BRL' }
  const segmentOf = (n: number, group: number, revision: number) => ({
    ...{ ...zebra, customer: `z-${String(n).padStart(2, '0')}`, revision, mode: 'default', segment: 'lost' },
    ...{ recency: 1, frequency: 1, monetary: 1, orders: group + 1, revenue: `${group}.5` },
    last_day: `2011-11-${10 + group}`,
  })
  const rowOfValue = (n: number, group: number, revision: number) => ({
    ...{ ...zebra, customer: `z-${String(n).padStart(2, '0')}`, revision, cutoff: '2011-11-16' },
    ...{ orders_12m: '1', value_12m: `${group}.5`, alive: `0.${group + 1}`, churn_risk: `0.${group + 1}` },
  })
  const ALL = Array.from({ length: 60 }, (_, n) => n)
  const isKnown = (n: number) => n % 7 !== 0
  let revision = 1
  const store = async (numbers: readonly number[], groupOf: (n: number) => number) => {
    const own = revision++
    const segments = numbers.map((n) => segmentOf(n, groupOf(n), own))
    const values = numbers.filter(isKnown).map((n) => rowOfValue(n, groupOf(n), own))
    await insertRows(api.db.warehouse, `${DATABASE}.customer_segments`, segments, `zebra-s-${own}`)
    await insertRows(api.db.warehouse, `${DATABASE}.customer_values`, values, `zebra-v-${own}`)
  }

  test.each(SORTS)('have all who stay as they were once, by %s', async (sort) => {
    await store(ALL, alike)
    const seen: string[] = []
    let cursor = ''
    for (let page = 0; ; page++) {
      const { body } = await get(`${LIST}?tenant=zebra&sort=${sort}&limit=8${cursor}`)
      expect(body.total).toBe(60)
      seen.push(...body.customers.map(({ customer }: Listed) => customer))
      if (body.next === null) break
      cursor = `&cursor=${body.next}`
      // One in three goes up or down, over the page's end in either direction, and past it on the next page again.
      await store(
        ALL.filter((n) => n % 3 === 0),
        (n) => (alike(n) + page * 2 + (n % 2) * 3) % 6,
      )
    }
    const steady = ALL.filter((n) => n % 3 !== 0).map((n) => `z-${String(n).padStart(2, '0')}`)
    const times = steady.map((one) => seen.filter((each) => each === one).length)
    expect(times).toEqual(steady.map(() => 1))
  })
})

/** Customer k-n comes each (n % 4 + 1)-th month from the n-th one on. */
const ORDERS: SampleOrder[] = [
  ...Array.from({ length: 30 }, (_, n) => n).flatMap((n) =>
    Array.from({ length: 11 - (n % 11) }, (_, after) => after)
      .filter((after) => after % (1 + (n % 4)) === 0)
      .map(
        (after): SampleOrder => ({
          ...{ tenant: 'acme', orderId: `k-${n}-${after}`, customer: `k-${n}` },
          entries: [
            {
              at: new Date(Date.UTC(2011, (n % 11) + after, 5, 12)).toISOString(),
              kind: 'sale',
              amount: `${5 + n}.25`,
              orders: 1,
            },
          ],
        }),
      ),
  ),
  // Half an hour into October by the tenant's clock, still September by UTC; it came back in part in November.
  {
    ...{ tenant: 'acme', orderId: 'refunded', customer: 'k-1' },
    entries: [
      { at: '2011-09-30T23:30:00Z', kind: 'sale', amount: '50', orders: 1 },
      { at: '2011-11-02T10:00:00Z', kind: 'refund', amount: '-20' },
    ],
    placedAt: '2011-09-30T23:30:00Z',
  },
  {
    tenant: 'acme',
    orderId: 'guest',
    entries: [{ at: '2011-03-01T10:00:00Z', kind: 'sale', amount: '9', orders: 1 }],
  },
  {
    ...{ tenant: 'acme', orderId: 'euro', customer: 'k-1', currency: 'EUR' },
    entries: [{ at: '2011-02-01T10:00:00Z', kind: 'sale', amount: '9', orders: 1 }],
  },
  {
    ...{ tenant: 'acme', orderId: 'cancelled', customer: 'k-2', status: 'cancelled', counts: 0 },
    entries: [
      { at: '2011-04-01T10:00:00Z', kind: 'sale', amount: '7', orders: 1 },
      { at: '2011-04-03T10:00:00Z', kind: 'cancel', amount: '-7', orders: -1 },
    ],
  },
]

const SEGMENT_ROWS = Array.from({ length: 40 }, (_, n) => ({
  ...{ tenant: 'acme', customer: `c-${n}`, revision: 1, at: NOW, currency: 'GBP' },
  ...(n % 3 === 0 ? { recency: 1, frequency: 1 } : { recency: 3, frequency: 4 }),
  ...{ monetary: 1, mode: 'default', segment: 'as it was live' },
  // Nobody's orders are none: the first is gone. Some are alike, so that the pseudonym decides.
  ...{ orders: n === 0 ? 0 : 1 + (n % 5), revenue: `${(n * 7) % 31}.5`, last_day: `2011-11-${10 + (n % 9)}` },
}))
const head = { tenant: 'acme', cutoff: '2011-11-16', at: NOW, currency: 'GBP' }
const VALUE_ROWS = [
  ...Array.from({ length: 39 }, (_, n) => ({
    ...{ ...head, customer: `c-${n}`, revision: 2, alive: '0.5', churn_risk: '0.5', value_12m: '9999' },
  })),
  // The later fit counts.
  ...Array.from({ length: 39 }, (_, n) => ({
    ...{ ...head, customer: `c-${n}`, revision: 3, orders_12m: '1.5', value_12m: `${1_000 + n}.5` },
    ...{ alive: (n / 1_000).toFixed(6), churn_risk: (1 - n / 1_000).toFixed(6) },
  })),
  { ...head, customer: 'gone', revision: 3, is_gone: 1 },
  {
    ...{ ...head, customer: 'k-1', revision: 3, alive: '0.5', churn_risk: '0.5' },
    ...{ orders_12m: '2.5', value_12m: '17.25' },
  },
]
const MODEL_ROW = {
  ...{ ...head, revision: 3, customers: 38, orders: 99, r: 0.25, alpha: 4.5, a: 0.75, b: 2.5 },
  ...{
    log_likelihood: -9_582.5,
    fitted_customers: 38,
    value_refusal: 'no-mean',
    value_refusal_text: 'too wild',
  },
}
