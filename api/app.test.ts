import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertRows } from '../clickhouse/insert-rows.ts'
import { marks } from '../clickhouse/queries/testing/insert-changes.ts'
import { asyncapiDocument } from '../core/contracts/asyncapi.ts'
import { tiles } from '../core/contracts/tiles.ts'
import { codeVersion } from '../core/runtime/program.ts'
import { API_ERRORS } from './api-error.ts'
import { startTestApi, type TestApi } from './testing/start-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  const sale = (amount: string) => [{ at: '2011-11-17T10:00:00Z', kind: 'sale' as const, amount }]
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries: sale('12.5'), customer: 'c', country: 'Norway' },
    { tenant: 'zebra', orderId: 'X1', entries: sale('777'), currency: 'BRL', country: 'Brazil' },
    ...marks(4, { first: 0, last: 9, progress: ['acme', 'zebra'].map((tenant) => ({ tenant, ...AT })) }),
  ])
  await api.db.warehouse.command(
    "INSERT INTO revwall_r1.dead_letters (tenant, source, origin, reason) VALUES ('acme', 'shop', 'f:1', 'invalid')",
  )
  await api.db.warehouse.command(
    "INSERT INTO revwall_r1.reconciliations (tenant, at, view) VALUES ('acme', now(), 'headline_v1')",
  )
  for (const { key, revision, value } of FORECASTS) {
    const head = `'acme', 'revenue', '${key === '' ? 'all' : 'country'}', '${key}', '2011-11-15', ${revision}`
    await api.db.warehouse.command(
      `INSERT INTO revwall_r1.forecasts (tenant, series, dimension, key, cutoff, revision, day, horizon, value, low80, high80, low95, high95)
       VALUES (${head}, '2011-11-16', 1, ${value}, 20, 40, -1.5, 50)`,
    )
    await api.db.warehouse.command(
      `INSERT INTO revwall_r1.forecast_models (tenant, series, dimension, key, cutoff, revision, first_day, days, methods, weights, origins, wape, smape, mase, seasonal_naive_wape, coverage80)
       VALUES (${head}, '2011-11-15', 1, ['theta', 'comb'], [0.75, 0.25], 12, 0.1, 9.5, 0.8, 0.2, 0.8)`,
    )
  }
  const mug = `'acme', 'ticket', 'product', 'mug', '2011-11-15', 2`
  await api.db.warehouse.command(
    `INSERT INTO revwall_r1.forecast_models (tenant, series, dimension, key, cutoff, revision, first_day, days, past)
     VALUES (${mug}, '2011-11-13', 3, [8.5, NULL, 9])`,
  )
  const week = `'acme', 'orders', 'all', '', '2011-11-13', 2`
  await api.db.warehouse.command(
    `INSERT INTO revwall_r1.week_forecasts (tenant, series, dimension, key, cutoff, revision, week, horizon, value)
     VALUES (${week}, '2011-11-14', 1, 41)`,
  )
  await api.db.warehouse.command(
    `INSERT INTO revwall_r1.week_forecast_models (tenant, series, dimension, key, cutoff, revision, first_week, weeks)
     VALUES (${week}, '2011-10-31', 2)`,
  )
  for (const { tenant, order, amount } of [
    { tenant: 'acme', order: 'A1', amount: '12.5' },
    { tenant: 'zebra', order: 'X1', amount: '777' },
  ])
    await api.db.warehouse.command(
      `INSERT INTO revwall_r1.order_anomalies
         (tenant, source, order_id, event_id, detected_at, severity, score, observed, reasons)
       SELECT '${tenant}', 'shop', concat('${order}-', toString(number)), concat('${tenant}-', toString(number)),
         toDateTime64('2011-11-17 10:00:00', 3, 'UTC') - intDiv(number, 2), if(number = 0, 'critical', 'warning'),
         0.9 - number / 10, ${amount}, ['at 03:12'] FROM numbers(3)`,
    )
  for (const incident of INCIDENTS)
    await insertRows(api.db.warehouse, 'revwall_r1.incident_changes', [incident], JSON.stringify(incident))
  for (const tenant of ['acme', 'zebra'])
    await api.db.warehouse.command(
      `INSERT INTO revwall.deliveries (tenant, endpoint, endpoint_name, kind, message_id, revision, topic, attempt, at, status, error)
       SELECT '${tenant}', 'ep_${tenant}', '${tenant} desk', 'webhook', concat('m', toString(intDiv(number, 2))), 1 + number % 2,
         'alerts', 1 + number % 2, toDateTime64('2011-11-17 10:00:00', 3, 'UTC') + intDiv(number, 3),
         ['retrying', 'dead', 'retrying', 'delivered'][number + 1], '' FROM numbers(4)`,
    )
  // The hub has looked at the marks by then.
  while ((await get('/api/v1/tenant')).body.mode !== 'replay')
    await new Promise((later) => setTimeout(later, 20))
})
afterAll(() => api.stop())

/** The second one of the whole counts; a value of a dimension is what it was split by. */
const FORECASTS = [
  { key: '', revision: 1, value: '777777' },
  { key: '', revision: 2, value: '31.25' },
  { key: 'Norway', revision: 2, value: '7' },
]
const ACME = { tenant: 'acme', kind: 'metric', currency: 'GBP', subject: 'revenue', observed: '12.5' }
const INCIDENTS = [
  { ...ACME, alert_id: 'i1', revision: 1, state: 'open', opened_at: '2011-11-17T10:00:00Z' },
  {
    ...{ ...ACME, alert_id: 'i1', revision: 2, state: 'acknowledged', opened_at: '2011-11-17T10:00:00Z' },
    ...{ acknowledged_by: 'ana', silenced_by: 'bia', low: '20', high: '40.5', direction: 'fall' },
    ...{ silenced_at: '2011-11-17T10:30:00Z', silenced_until: '2011-11-17T18:30:00Z' },
    ...{ contributor_dimension: ['source'], contributor_member: ['shop'], contributor_change: ['-17.5'] },
    contributor_share: [0.9],
  },
  { ...ACME, alert_id: 'i2', revision: 1, state: 'open', opened_at: '2011-11-17T11:00:00Z' },
  { ...ACME, alert_id: 'i3', revision: 3, state: 'resolved', opened_at: '2011-11-17T09:00:00Z' },
  { ...ACME, alert_id: 'A1-0', revision: 1, kind: 'order', state: 'acknowledged', subject: 'A1-0' },
  { ...ACME, tenant: 'zebra', alert_id: 'z1', revision: 1, state: 'open', currency: 'BRL', observed: '777' },
]
const AT = { upTo: '2011-11-17T10:30:00Z', polledAt: new Date().toISOString() }
const RANGE = 'from=2010-12-01&to=2011-12-31'

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await api.app.inject({ method: 'GET', url: path, headers })
  const json = String(response.headers['content-type']).includes('json')
  return {
    status: response.statusCode,
    body: json ? response.json() : response.body,
    headers: response.headers,
  }
}

const DATA_ROUTES = [
  '/api/v1/wall',
  '/api/v1/walls',
  '/api/v1/tenant',
  '/api/v1/sources',
  '/api/v1/headline',
  '/api/v1/series',
  '/api/v1/totals',
  '/api/v1/products',
  '/api/v1/countries',
  '/api/v1/breakdown',
  '/api/v1/reps',
  '/api/v1/profile',
  ...['/api/v1/segments', '/api/v1/segments/days', '/api/v1/segments/moves'],
  '/api/v1/customers/values',
  '/api/v1/retention',
  '/api/v1/forecast',
  '/api/v1/pace',
  '/api/v1/anomalies',
  '/api/v1/incidents',
  '/api/v1/deliveries',
  '/api/v1/orders',
  '/api/v1/customers',
  '/api/v1/orders/latest',
  '/api/v1/reconciliation',
  ...['/api/v1/proof', '/api/v1/panel-proof'],
  '/api/v1/dead-letters',
  '/api/v1/converted',
  '/api/v1/change',
  '/api/v1/explore',
  '/api/v1/annotations',
  '/api/v1/targets',
  '/api/v1/me',
]

/** They have tests of their own: what they answer depends on what is asked for. */
const PARAM_ROUTES = [
  '/api/v1/orders/{source}/{id}',
  '/api/v1/orders/{source}/{id}/event',
  '/api/v1/customers/{customer}',
  '/api/v1/customers/{customer}/segment',
]

/** These change something, for whoever may (auth/auth-matrix.test.ts). */
const ACTIONS = [
  ...['incidents/acknowledge', 'incidents/silence', 'annotations/add', 'annotations/remove'],
  ...['targets/set', 'targets/remove', 'walls/save', 'walls/remove', 'playlists/save', 'deliveries/replay'],
].map((path) => `/api/v1/${path}`)

describe('answers', () => {
  test('headline, series and totals of a range', async () => {
    const headline = await get('/api/v1/headline')
    expect(headline.body).toMatchObject({
      from: '2011-11-17',
      to: '2011-11-17',
      tenant: 'acme',
      axis: 'booked',
    })
    expect(headline.body.figures).toMatchObject({ revenue: '12.5', orders: 1, ticket: '12.50', customers: 1 })
    const series = await get('/api/v1/series?day=2011-11-17&axis=sale')
    expect(series.body.revenue.slice(119, 121)).toEqual(['0.00', '12.50'])
    expect(series.body.startsAt).toBe('2011-11-17T00:00:00.000Z')
    const minutes = await get('/api/v1/series?day=2011-11-17&axis=sale&step=1')
    expect(minutes.body.revenue).toHaveLength(1_440)
    expect(minutes.body.revenue.slice(599, 601)).toEqual(['0.00', '12.50'])
    expect((await get('/api/v1/series?step=2')).status).toBe(400)
    const totals = await get(`/api/v1/totals?${RANGE}`)
    expect(totals.body).toMatchObject({
      lines: 0,
      total: { revenue: '12.5' },
      byMonth: [{ month: '2011-11' }],
    })
  })

  test('lists, proofs and sources', async () => {
    expect((await get(`/api/v1/countries?${RANGE}`)).body.countries).toEqual([
      { country: 'Norway', revenue: '12.5', orders: 1 },
    ])
    expect((await get('/api/v1/orders/latest?limit=1')).body.entries).toMatchObject([{ orderId: 'A1' }])
    expect((await get('/api/v1/dead-letters')).body).toMatchObject({ total: 1, byReason: { invalid: 1 } })
    expect((await get('/api/v1/reconciliation')).body.views).toMatchObject([
      { view: 'headline_v1', drift: '0' },
    ])
    expect((await get('/api/v1/proof?figure=sales&day=2011-11-17')).body).toMatchObject({
      ...{ tenant: 'acme', figure: 'sales', day: '2011-11-17', axis: 'booked', currency: 'GBP' },
      ...{ fromViews: '12.5', fromBase: '12.5', difference: '0.00', steady: true },
      sources: [{ source: 'shop' }],
    })
    expect((await get('/api/v1/proof?figure=margin')).status).toBe(400)
    const { body } = await get('/api/v1/sources')
    expect(body.sources).toMatchObject([{ source: 'shop', completeTo: '2011-11-17T10:30:00.000Z' }])
  })

  test('the next eight weeks of a series, with what is known of them', async () => {
    const { body: none } = await get('/api/v1/forecast?tenant=zebra')
    expect(none).toMatchObject({ tenant: 'zebra', forecast: null, past: [], choices: [], neededDays: 14 })
    const { body } = await get('/api/v1/forecast')
    expect(body).toMatchObject({
      ...{ tenant: 'acme', step: 'day', series: 'revenue', by: 'all', key: '', currency: 'GBP' },
      choices: [
        { series: 'revenue', by: 'all', key: '' },
        { series: 'revenue', by: 'country', key: 'Norway' },
        { series: 'ticket', by: 'product', key: 'mug' },
      ],
      past: [{ day: '2011-11-15', value: '0.00' }],
      forecast: {
        ...{ cutOff: '2011-11-15', current: false, revision: 2, fallback: null },
        history: { from: '2011-11-15', days: 1 },
        methods: [
          { method: 'theta', weight: 0.75 },
          { method: 'comb', weight: 0.25 },
        ],
        backtest: {
          ...{ origins: 12, coverage80: 0.8, coverage95: null },
          combination: { wape: 0.1, smape: 9.5, mase: 0.8 },
          seasonalNaive: { wape: 0.2, smape: null, mase: null },
        },
        points: [
          { day: '2011-11-16', value: '31.25', low80: '20', high80: '40', low95: '-1.5', high95: '50' },
        ],
      },
    })
    const norway = await get('/api/v1/forecast?by=country&key=Norway')
    expect(norway.body.forecast.points).toMatchObject([{ value: '7' }])
    expect((await get('/api/v1/forecast?by=country&key=Brazil')).status).toBe(404)
    expect((await get('/api/v1/forecast?series=margin')).status).toBe(400)
    expect((await get('/api/v1/forecast?by=rep')).status).toBe(400)

    // The lines of all orders are not read for each who looks: it is told as it was known then.
    expect((await get('/api/v1/forecast?series=ticket&by=product&key=mug')).body.past).toEqual([
      { day: '2011-11-13', value: '8.5' },
      { day: '2011-11-14', value: null },
      { day: '2011-11-15', value: '9' },
    ])
    const { body: weeks } = await get('/api/v1/forecast?step=week&series=orders')
    expect(weeks).toMatchObject({
      ...{ step: 'week', series: 'orders', neededDays: 28 },
      choices: [{ series: 'orders', by: 'all', key: '' }],
      // Whole weeks from Monday; the day with an order is in none of them.
      past: [
        { day: '2011-10-31', value: '0' },
        { day: '2011-11-07', value: '0' },
      ],
      forecast: {
        ...{ cutOff: '2011-11-13', current: true, history: { from: '2011-10-31', days: 14 } },
        points: [{ day: '2011-11-14', value: '41' }],
      },
    })
    expect((await get('/api/v1/forecast?step=week')).body).toMatchObject({
      forecast: null,
      choices: weeks.choices,
    })
    expect((await get('/api/v1/forecast?step=month')).status).toBe(400)
  })

  test('unusual orders by page, by score and by severity, the newest first', async () => {
    const ids = async (query: string) => {
      const { body } = await get(`/api/v1/anomalies?${query}`)
      return { ids: body.anomalies.map(({ orderId }: { orderId: string }) => orderId), ...body }
    }
    const first = await ids('limit=1')
    expect(first).toMatchObject({ ids: ['A1-0'], total: 3, watching: null })
    expect(first.anomalies).toMatchObject([
      {
        severity: 'critical',
        observed: '12.5',
        expected: null,
        reasons: ['at 03:12'],
        placedAt: '1970-01-01T00:00:00.000Z',
      },
    ])
    const second = await ids(`limit=1&cursor=${first.next}`)
    expect(second.ids).toEqual(['A1-1'])
    expect(await ids(`limit=1&cursor=${second.next}`)).toMatchObject({ ids: ['A1-2'], next: null })
    expect(await ids('minScore=0.8')).toMatchObject({ ids: ['A1-0', 'A1-1'], total: 2 })
    expect(await ids('severity=warning')).toMatchObject({ ids: ['A1-1', 'A1-2'], total: 2 })
    for (const bad of ['minScore=2', 'minScore=x', 'severity=bad', 'cursor=bad'])
      expect((await get(`/api/v1/anomalies?${bad}`)).status, bad).toBe(400)
  })

  test('incidents as they stand, by page, state and kind, the newest begun first', async () => {
    const ids = async (query: string) => {
      const { body } = await get(`/api/v1/incidents?${query}`)
      return { ids: body.incidents.map(({ alertId }: { alertId: string }) => alertId), ...body }
    }
    const first = await ids('limit=2')
    expect(first).toMatchObject({ ids: ['i2', 'i1'], total: 3, analytics: true, watching: null })
    expect(first.incidents[1]).toMatchObject({
      ...{ state: 'acknowledged', acknowledgedBy: 'ana', openedAt: '2011-11-17T10:00:00.000Z' },
      ...{ observed: '12.5', expected: null, low: '20', high: '40.5', direction: 'fall', cause: null },
      contributors: [{ dimension: 'source', member: 'shop', change: '-17.5', share: 0.9 }],
      silence: { owner: 'bia', until: '2011-11-17T18:30:00.000Z' },
    })
    expect(await ids(`limit=2&cursor=${first.next}`)).toMatchObject({ ids: ['i3'], next: null })
    expect(await ids('state=active')).toMatchObject({ ids: ['i2', 'i1'], total: 2 })
    expect(await ids('state=resolved')).toMatchObject({ ids: ['i3'] })
    expect(await ids('kind=order')).toMatchObject({ ids: ['A1-0'], total: 1 })
    for (const bad of ['state=new', 'kind=x', 'limit=0', 'cursor=bad'])
      expect((await get(`/api/v1/incidents?${bad}`)).status, bad).toBe(400)
  })

  test('deliveries by page, by endpoint and by what became of them, the newest first', async () => {
    const told = async (query: string) => {
      const { body } = await get(`/api/v1/deliveries?${query}`)
      const short = (row: Record<string, unknown>) => `${row.messageId} ${row.status} ${row.isNewest}`
      return { rows: body.deliveries.map(short), ...body }
    }
    const all = await told('')
    expect(all).toMatchObject({
      rows: ['m1 delivered true', 'm0 retrying false', 'm0 dead true', 'm1 retrying false'],
      endpoints: [{ endpoint: 'ep_acme', endpointName: 'acme desk', delivered: 1, waiting: 0, dead: 1 }],
      ...{ total: 4, next: null },
    })
    const first = await told('limit=3')
    expect(first.rows).toEqual(all.rows.slice(0, 3))
    expect((await told(`limit=3&cursor=${first.next}`)).rows).toEqual(all.rows.slice(3))
    expect((await told('outcome=dead')).rows).toEqual(['m0 dead true'])
    expect(await told('endpoint=ep_zebra')).toMatchObject({ total: 0, rows: [] })
    for (const bad of ['outcome=bad', 'cursor=bad', 'limit=0'])
      expect((await get(`/api/v1/deliveries?${bad}`)).status, bad).toBe(400)
  })

  test('the document of events is that of the command', async () => {
    const { body } = await get('/api/v1/asyncapi.json')
    expect(body).toEqual(JSON.parse(JSON.stringify(asyncapiDocument(codeVersion()))))
  })

  test('all tiles at once', async () => {
    const { status, body } = await get('/api/v1/wall')
    expect(status).toBe(200)
    expect(tiles.parse(body.set).hero.today.revenue).toBe('12.5')
  })

  test.each(DATA_ROUTES)('%s has the rows of the principal’s tenant only', async (path) => {
    const own = await get(path)
    const other = await get(`${path}?tenant=zebra`)
    expect([own.status, other.status]).toEqual([200, 200])
    expect(JSON.stringify(own.body)).not.toMatch(/zebra|777|BRL|X1|Brazil/i)
    expect(JSON.stringify(other.body)).not.toMatch(/acme|12\.5|GBP|A1|Norway|f:1/i)
  })
})

describe('principals', () => {
  test('no route is registered without one, but for those that have no tenant’s data', async () => {
    const paths = Object.keys(api.app.swagger().paths ?? {})
    const open = ['/healthz', '/metrics', '/openapi.json', '/readyz', '/api/v1/asyncapi.json']
    expect(paths.sort()).toEqual([...DATA_ROUTES, ...PARAM_ROUTES, ...ACTIONS, ...open].sort())
    for (const path of [...DATA_ROUTES, '/api/v1/orders/shop/A1', '/api/v1/live']) {
      const response = await api.app.inject({ url: path, remoteAddress: '10.0.0.7' })
      expect([path, response.statusCode]).toEqual([path, 403])
    }
    for (const path of open) {
      const response = await api.app.inject({ url: path, remoteAddress: '10.0.0.7' })
      expect([path, response.statusCode]).toEqual([path, 200])
    }
  })

  test.each(['nobody', '', 'acme&tenant=zebra', '__proto__'])('tenant %j is refused', async (tenant) => {
    expect((await get(`/api/v1/headline?tenant=${tenant}`)).status).toBe(403)
  })

  test.each([
    ['a name that was pointed at us', { host: 'evil.example' }],
    ['a name with a user in it', { host: 'localhost@evil.example' }],
    ['a page of somebody else', { host: 'localhost:3000', origin: 'https://evil.example' }],
    ['a sandboxed page', { host: 'localhost:3000', origin: 'null' }],
  ])('%s is refused', async (_what, headers) => {
    const { status, body } = await get('/api/v1/headline', headers)
    expect([status, body.error.code]).toEqual([403, 'FORBIDDEN'])
  })

  test.each<Record<string, string>>([
    { host: '127.0.0.1:8080', origin: 'http://127.0.0.1:8080' },
    { host: '[::1]:8080' },
    { host: 'LOCALHOST' },
  ])('$host is answered', async (headers) => {
    expect((await get('/api/v1/headline', headers)).status).toBe(200)
  })
})

describe('bad input', () => {
  test('is answered with all faults at once, and what is expected', async () => {
    const { status, body } = await get('/api/v1/products?from=yesterday&limit=0&axis=paid&colour=red')
    expect(status).toBe(400)
    expect(body.error.code).toBe('BAD_REQUEST')
    expect(body.error.details.map(({ path }: { path: string }) => path).sort()).toEqual([
      '',
      'axis',
      'from',
      'limit',
    ])
    expect(body.error.message).toMatch(/from: a day such as .*limit: a whole number from 1 to 1000/)
  })

  test.each([
    'from=2011-01-02&to=2011-01-01',
    'from=2010-01-01&to=2011-12-31',
    'from=1999-12-31',
    'from=2011-02-30',
    'from=2011-01-01&from=2011-01-02',
  ])('a range %s is refused', async (range) => {
    expect((await get(`/api/v1/headline?${range}`)).status).toBe(400)
  })

  test('an address that is not there, or is none, is refused in JSON', async () => {
    expect((await get('/api/v1/nothing')).body.error.code).toBe('NOT_FOUND')
    expect((await get('/%zz')).body.error.code).toBe('BAD_REQUEST')
    const posted = await api.app.inject({ method: 'POST', url: '/api/v1/headline', payload: '{' })
    expect([posted.statusCode, posted.json().error.code]).toEqual([404, 'NOT_FOUND'])
  })

  test('never is our fault', async () => {
    const names = fc.constantFrom(
      ...['from', 'to', 'day', 'axis', 'limit', 'offset', 'tenant', 'toString', 'a b'],
      ...['q', 'cursor', 'sort', 'dimension', 'currency', 'status', 'country', 'customer'],
    )
    const values = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom(...NAUGHTY),
      fc
        .date({ min: new Date('1900-01-01'), max: new Date('2300-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
      fc.integer().map(String),
    )
    const query = fc.array(fc.tuple(names, values), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...DATA_ROUTES), query, async (path, pairs) => {
        const text = pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`).join('&')
        const { status, body } = await get(`${path}?${text}`)
        expect([200, 400, 403], `${path}?${text} ${JSON.stringify(body)}`).toContain(status)
        if (status !== 200) expect(body.error.code in API_ERRORS).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

describe('for whoever runs it', () => {
  test('every route has a description and the schema of its answer', () => {
    for (const [path, methods] of Object.entries(api.app.swagger().paths ?? {}))
      for (const route of Object.values(methods ?? {})) {
        const { summary, description, responses } = route as Record<string, unknown> & { responses: object }
        expect([path, typeof summary, typeof description]).toEqual([path, 'string', 'string'])
        const answer = (responses as Record<string, { content?: Record<string, { schema?: object }> }>)['200']
        expect(Object.values(answer?.content ?? {})[0]?.schema, path).toBeDefined()
      }
  })

  test('openapi, metrics and liveness', async () => {
    expect((await get('/openapi.json')).body).toMatchObject({ openapi: '3.1.0' })
    expect((await get('/healthz')).body).toEqual({ status: 'ok' })
    expect((await get('/metrics')).body).toMatch(
      /revwall_http_request_seconds_count\{.*"\/api\/v1\/headline"/,
    )
  })

  test('readiness tells what is not ready', async () => {
    expect((await get('/readyz')).status).toBe(200)
    Object.assign(api.health, { processor: 'recovering', message: 'starting' })
    const starting = await get('/readyz')
    expect([starting.status, starting.body.error.message]).toEqual([
      503,
      'The processor is recovering. starting',
    ])
    Object.assign(api.health, { processor: 'halted', message: 'the log begins after the last mark' })
    const { status, body } = await get('/readyz')
    expect([status, body.error.code]).toEqual([503, 'NOT_READY'])
    expect(body.error.message).toContain('the log begins after')
    api.health.processor = 'running'
    api.health.warehouse = 'down'
    expect((await get('/readyz')).body.error.code).toBe('WAREHOUSE_DOWN')
    Object.assign(api.health, { warehouse: 'up', message: '' })
  })

  test('a warehouse that does not answer is no fault of the request', async () => {
    api.db.engine.kill()
    const { status, body } = await get('/api/v1/headline')
    expect([status, body.error.code]).toEqual([503, 'WAREHOUSE_DOWN'])
    await expect.poll(async () => (await get('/api/v1/headline')).status, { timeout: 30_000 }).toBe(200)
  })
})

/** Lone surrogates cannot be encoded; a browser cannot send them either. */
const encoded = (value: string) => encodeURIComponent(value.replace(/[\ud800-\udfff]/g, '?'))

const NAUGHTY = [
  "'; DROP TABLE x --",
  '\u0000',
  '',
  '%',
  '../../etc/passwd',
  '{a:UInt8}',
  'NaN',
  '1e9',
  '0x10',
  '９',
  '2011-11-17T00:00:00Z',
  '2099-12-31',
  '2000-01-01',
  'undefined',
  '__proto__',
]
