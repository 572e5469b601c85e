import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { publishViews } from '../../clickhouse/queries/publish-views.ts'
import { marks, type SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { PROVED_CLAIMS, PROVED_PANELS, type ProvedPanel } from '../../core/contracts/panels.ts'
import { predictCustomer } from '../../processors/rfm/predict-value.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
/** Of acme. */
let analyst: Warehouse
beforeAll(async () => {
  api = await startTestApi()
  const progress = [{ upTo: '2011-11-17T12:00:00Z', polledAt: NOW }]
  await api.insert([...ORDERS, ...marks(4, { first: 0, last: 9, progress })])
  for (const [table, rows] of Object.entries(ROWS))
    await insertRows(api.db.warehouse, `${DATABASE}.${table}`, rows, table)
  await publishViews(api.db.warehouse, { database: DATABASE })
  analyst = connectWarehouse({ url: api.db.engine.url, ...api.db.engine.analysts[0]! })
})
afterAll(async () => {
  await analyst?.close()
  await api?.stop()
})

interface Proved {
  id: string
  shown: string
  recomputed: string
  difference: string
  verdict: string
  sql: string
  asOf: string | null
}

async function prove(panel: ProvedPanel, more = ''): Promise<Proved[]> {
  const response = await api.app.inject({ method: 'GET', url: `/api/v1/panel-proof?panel=${panel}${more}` })
  expect(response.statusCode).toBe(200)
  return response.json().claims
}

const told = (claims: Proved[]) => claims.map(({ id, shown, verdict }) => [id, Number(shown), verdict])

test('each panel has what an analyst gets by the very SQL that is told', async () => {
  const ids: string[] = []
  for (const panel of PROVED_PANELS)
    for (const { id, sql, recomputed } of await prove(panel)) {
      ids.push(id)
      const [row] = await analyst.query<{ value: string }>(sql)
      expect([id, Number(row?.value)]).toEqual([id, Number(recomputed)])
    }
  expect(new Set(ids)).toEqual(new Set(PROVED_CLAIMS))
})

test('customers and what they brought are those of the base table, without guests and other currencies', async () => {
  expect(told(await prove('segments'))).toEqual([
    ['segment-customers', 2, 'exact'],
    ['segment-revenue', 82.5, 'exact'],
  ])
})

test('what customers are expected to order and to bring is reckoned again from their orders, by the SQL that is told', async () => {
  const [, , fitted, orders, value] = told(await prove('values'))
  expect(fitted).toEqual(['fitted', 2, 'exact'])
  const all = BUYERS.map((one) => predictCustomer(MODELS, one))
  const purchases = all.reduce((sum, one) => sum + Number(one.purchases.toFixed(4)), 0)
  expect(orders).toEqual(['expected-orders', expect.closeTo(purchases, 4), 'exact'])
  const valueE4 = all.reduce((sum, one) => sum + one.valueE4, 0)
  expect(value).toEqual(['expected-value', valueE4 / 10_000, 'exact'])
})

test('cohorts are proved cell by cell: months in which somebody bought, and what all of them brought', async () => {
  expect(told(await prove('retention'))).toEqual([
    ['retained', 3, 'exact'],
    ['cohort-revenue', 82.5, 'exact'],
  ])
  expect(told(await prove('retention', '&cohorts=1'))).toEqual([
    ['retained', 1, 'exact'],
    ['cohort-revenue', 32.5, 'exact'],
  ])
})

test('a forecast is told as it was stored, beside what came', async () => {
  expect(told(await prove('forecast'))).toEqual([
    ['forecast-days', 30, 'exact'],
    ['forecast-past', 91.5, 'exact'],
  ])
  // Of orders there is none by day; by week there is, and of the other way round.
  expect(await prove('forecast', '&series=orders')).toEqual([])
  expect(told(await prove('forecast', '&step=week&series=orders'))).toEqual([
    ['forecast-days', 24, 'exact'],
    ['forecast-past', 1, 'exact'],
  ])
  expect(await prove('forecast', '&step=week')).toEqual([])
})

test('incidents that stand are the last of their changes', async () => {
  expect(told(await prove('incidents'))).toEqual([
    ['incidents-open', 1, 'exact'],
    ['incidents', 2, 'exact'],
    ['incident-newest', 1, 'exact'],
  ])
})

test('what an incident saw is added up again, of the whole, of a source and of a region', async () => {
  const seen = [
    ['revenue', 'total', '', '16.25'],
    ['orders', 'source', 'shop', '2'],
    ['ticket', 'region', 'Kent', '12.5'],
    ['refunds', 'total', '', '1'],
  ] as const
  for (const [at, [subject, dimension, member, observed]] of seen.entries()) {
    const row = { ...NEWEST, ...{ subject, dimension, member, observed, revision: 10 + at }, ...EVENING }
    await insertRows(api.db.warehouse, `${DATABASE}.incident_changes`, [row], subject)
    const claims = await prove('incidents')
    expect(told(claims).at(-1)).toEqual(['incident-newest', Number(observed), 'exact'])
  }
  // Of one that does not say whose its numbers are there is nothing to prove.
  const row = { ...NEWEST, ...EVENING, dimension: '', revision: 20 }
  await insertRows(api.db.warehouse, `${DATABASE}.incident_changes`, [row], 'older')
  expect((await prove('incidents')).map(({ id }) => id)).toEqual(['incidents-open', 'incidents'])
})

test('what has changed since a number was made is said to be that, and nothing else', async () => {
  const [, newest] = await prove('anomalies')
  expect(newest).toMatchObject({ id: 'anomaly-newest', shown: '450', recomputed: '32.5', verdict: 'since' })
  expect(newest!.asOf).toBe('2011-11-17T11:00:00.000Z')
  expect(told(await prove('pace'))).toEqual([
    ['pace-forecast', 10, 'exact'],
    ['pace-so-far', 20, 'since'],
  ])
})

test('a number that nothing explains is apart, however often it is looked at', async () => {
  const row = { ...SEGMENT, customer: 'nobody', orders: 1, revenue: '1' }
  await insertRows(api.db.warehouse, `${DATABASE}.customer_segments`, [row], 'nobody')
  expect((await prove('segments'))[0]).toMatchObject({
    ...{ shown: '3', recomputed: '2', difference: '1', verdict: 'apart' },
  })
})

test('another tenant has nothing of it', async () => {
  const claims = await prove('incidents', '&tenant=zebra')
  expect(told(claims)).toEqual([
    ['incidents-open', 0, 'exact'],
    ['incidents', 0, 'exact'],
  ])
  expect(await prove('pace', '&tenant=zebra')).toEqual([])
})

const NOW = new Date().toISOString()
const sale = (orderId: string, at: string, amount: string, more: Partial<SampleOrder> = {}): SampleOrder => ({
  ...{ tenant: 'acme', orderId, customer: 'c-1', entries: [{ at, kind: 'sale', amount, orders: 1 }] },
  ...more,
})
const ORDERS: SampleOrder[] = [
  sale('a', '2011-10-05T10:00:00Z', '40'),
  sale('b', '2011-11-05T10:00:00Z', '10'),
  sale('c', '2011-11-17T10:00:00Z', '32.5', { customer: 'c-2' }),
  sale('guest', '2011-11-16T10:00:00Z', '81.5', { customer: '' }),
  sale('euro', '2011-11-16T10:00:00Z', '7', { currency: 'EUR' }),
  sale('kent', '2011-11-20T20:00:00Z', '12.5', {
    ...{ customer: '', source: 'shop', region: 'Kent' },
    entries: [
      { at: '2011-11-20T20:00:00Z', kind: 'sale', amount: '12.5', orders: 1 },
      { at: '2011-11-20T20:29:59Z', kind: 'refund', amount: '-8.75' },
    ],
  }),
  sale('late', '2011-11-20T20:15:00Z', '12.5', { customer: '', source: 'shop' }),
  sale('after', '2011-11-20T20:30:00Z', '99', { customer: '', source: 'shop', region: 'Kent' }),
  sale('other', '2011-11-16T10:00:00Z', '5', { tenant: 'zebra', currency: 'BRL' }),
]

/** CDNOW's, as published. */
const MODELS = {
  bgNbd: { r: 0.2426, alpha: 4.4136, a: 0.793, b: 2.4259, daysPerUnit: 7 },
  gammaGamma: { p: 6.25, q: 3.74, v: 15.44 },
}
/** As the orders above have them, on the 17th: c-1 and c-2. */
const BUYERS = [
  { repeats: 1, lastAfterDays: 31, ageDays: 43, meanValueE4: 100_000 },
  { repeats: 0, lastAfterDays: 0, ageDays: 0, meanValueE4: 0 },
]
const value = ({ purchases, valueE4 }: ReturnType<typeof predictCustomer>) => ({
  orders_12m: purchases.toFixed(4),
  value_12m: String(valueE4 / 10_000),
})

const head = { tenant: 'acme', at: NOW, currency: 'GBP', revision: 1 }
const SEGMENT = { ...head, mode: 'default', recency: 1, frequency: 1, monetary: 1, segment: 'lost' }
const forecast = { ...head, series: 'revenue', dimension: 'all', key: '', cutoff: '2011-11-16' }
const weeks = { ...forecast, series: 'orders', cutoff: '2011-11-13' }
const pace = { ...head, series: 'revenue', day: '2011-11-17', cutoff: '2011-11-16' }
const incident = { tenant: 'acme', kind: 'metric', subject: 'orders', revision: 1 }
const NEWEST = {
  ...{ ...incident, alert_id: 'i-1', state: 'open', currency: 'GBP', dimension: 'total', observed: '1' },
  ...{ window_from: '2011-11-17T10:00:00Z', window_to: '2011-11-17T10:15:00Z' },
}
const EVENING = { window_from: '2011-11-20T20:00:00Z', window_to: '2011-11-20T20:30:00Z' }
const ROWS: Record<string, object[]> = {
  customer_segments: [
    { ...SEGMENT, customer: 'c-1', orders: 2, revenue: '50' },
    { ...SEGMENT, customer: 'c-2', orders: 1, revenue: '32.5' },
  ],
  value_models: [
    {
      ...{ ...head, cutoff: '2011-11-17', customers: 2, orders: 3 },
      ...{ ...MODELS.bgNbd, ...MODELS.gammaGamma },
    },
  ],
  customer_values: BUYERS.map((one, at) => ({
    ...{ ...head, customer: `c-${at + 1}`, cutoff: '2011-11-17', ...value(predictCustomer(MODELS, one)) },
  })),
  forecast_models: [{ ...forecast, first_day: '2011-11-05', days: 12 }],
  forecasts: ['17', '18', '19'].map((day, at) => ({
    ...{ ...forecast, day: `2011-11-${day}`, horizon: at + 1, value: '10' },
  })),
  week_forecast_models: [{ ...weeks, first_week: '2011-10-31', weeks: 2 }],
  week_forecasts: ['14', '21'].map((week, at) => ({
    ...{ ...weeks, week: `2011-11-${week}`, horizon: at + 1, value: '12' },
  })),
  pace_bands: [0, 1440].map((minute) => ({ ...pace, minute, value: minute === 0 ? '0' : '10' })),
  nowcasts: [{ ...pace, minute: 600, so_far: '20', place: 'within', value: '30' }],
  incident_changes: [
    NEWEST,
    { ...incident, alert_id: 'i-2', state: 'open' },
    { ...incident, alert_id: 'i-2', state: 'resolved', revision: 2 },
    { ...incident, alert_id: 'o-1', state: 'open', kind: 'order' },
  ],
  order_anomalies: [
    {
      ...{ tenant: 'acme', source: 'shop', order_id: 'c', event_id: 'e', severity: 'critical', score: 0.7 },
      ...{ observed: '450', currency: 'GBP', detected_at: '2011-11-17T11:00:00Z' },
    },
  ],
}
