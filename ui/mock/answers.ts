/** What the api would answer to the dialogs and the door; plausible, and of no shop. */
import { annotationsAnswer, targetsAnswer } from './notes-of-a-day.ts'
import { LABELS, segmentDaysAnswer, segmentMovesAnswer, segmentsAnswer } from './segments-of-a-day.ts'

type Answer = { status: number; body: object }

const TENANTS = [
  { id: 't', name: 'Online Retail' },
  { id: 'u', name: 'Zebra' },
]
const LOCAL = { kind: 'local', subject: 'local', role: 'admin', tenant: 't', tenants: TENANTS.slice(0, 1) }
const USER = { kind: 'user', subject: 'ana', role: 'admin', tenant: 't', tenants: TENANTS }

const FIGURES: Readonly<Record<string, string>> = {
  revenue: '39426.18',
  sales: '40239.25',
  refunds: '-773.1',
  orders: '87',
  units: '18204',
  customers: '76',
}
const AT = '2011-11-17T14:32:05Z'
const INCIDENT = {
  ...{ currency: 'GBP', observed: null, expected: null, low: null, high: null, contributors: [] },
  ...{
    part: null,
    direction: null,
    cause: null,
    openedAt: AT,
    resolvedAt: null,
    acknowledgedBy: null,
    silence: null,
  },
}
const moved = (key: string, change: string) => ({ key, name: '', now: '100', before: '90', change })
const ENDPOINTS = [
  {
    ...{ endpoint: 'ep_1', endpointName: 'Depot', kind: 'webhook', lastAt: AT, lastError: 'answered 500' },
    ...{ delivered: 640, waiting: 1, dead: 3 },
  },
  {
    ...{ endpoint: 'ep_2', endpointName: 'Lobby', kind: 'slack', lastAt: AT, lastError: '' },
    ...{ delivered: 92, waiting: 0, dead: 0 },
  },
]
const delivery = (nth: number, status: string, more: object) => ({
  ...{ endpoint: 'ep_1', endpointName: 'Depot', kind: 'webhook', messageId: `msg_${nth}`, topic: 'alerts' },
  ...{ dedupKey: 'order/577077', attempt: 1, at: AT, status, httpStatus: null, error: '', durationMs: 92 },
  ...{ nextAttemptAt: null, askedBy: '', isNewest: true, ...more },
})
const DELIVERIES = [
  delivery(1, 'retrying', { attempt: 3, httpStatus: 500, error: 'answered 500', nextAttemptAt: AT }),
  delivery(2, 'dead', { attempt: 14, error: 'no answer' }),
  delivery(3, 'queued', { attempt: 0, askedBy: 'ana' }),
  delivery(4, 'delivered', { httpStatus: 200, topic: 'anomalies' }),
  delivery(5, 'superseded', { endpoint: 'ep_2', endpointName: 'Lobby', kind: 'slack' }),
]
const ORDER = {
  ...{ source: 'online-retail', orderId: '577077', status: 'completed', placedAt: AT, customer: '14911' },
  ...{ country: 'United Kingdom', currency: 'GBP', gross: '450.1', net: '450.1', counts: true },
}
const SCREEN = { id: 's', name: 'Lobby', approvedBy: 'ana', createdAt: AT, seenAt: AT, address: '192.0.2.7' }

const COUNTRIES = ['United Kingdom', 'Germany', 'EIRE', 'Brazil', 'Australia', 'Channel Islands', '']

const HALL = [
  ...[
    { tile: 'hero', w: 6, h: 9 },
    { tile: 'orders', w: 3, h: 3 },
    { tile: 'margin', w: 3, h: 3 },
  ],
  ...[
    { tile: 'profile', w: 6, h: 6 },
    { tile: 'region', w: 3, h: 4 },
    { tile: 'channel', w: 3, h: 4 },
  ],
  { tile: 'map', w: 6, h: 6 },
  { tile: 'reps', w: 6, h: 4 },
]

export function answerOf(path: string, query: URLSearchParams, isUser: boolean): Answer {
  const body = ANSWERS[path]?.(query, isUser)
  if (body !== undefined) return { status: 200, body }
  return { status: 401, body: { error: { code: 'UNAUTHORIZED', message: 'Sign in at /login first.' } } }
}

const ANSWERS: Readonly<Record<string, (query: URLSearchParams, isUser: boolean) => object>> = {
  '/api/v1/me': (_, isUser) => (isUser ? USER : LOCAL),
  '/api/v1/breakdown': (query) => ({
    currency: 'GBP',
    values: (query.get('dimension') === 'country' ? COUNTRIES : ['North', 'South', 'East', '']).map(
      (value, at) => ({
        value: query.get('dimension') === 'channel' ? '' : value,
        revenue: String(20_000 / (at + 1)),
      }),
    ),
  }),
  '/api/v1/reps': () => ({
    currency: 'GBP',
    reps: ['Ines', 'Tom'].map((rep, at) => ({
      rep,
      revenue: `${9_000 - at}.5`,
      commissionBase: `${8_000 - at}`,
    })),
  }),
  '/api/v1/profile': () => ({
    currency: 'GBP',
    cells: Array.from({ length: 168 }, (_, at) => ({
      ...{ weekday: Math.floor(at / 24) + 1, hour: at % 24 },
      revenuePerHour: at % 24 < 7 || at % 24 > 19 ? null : String(800 * Math.sin(((at % 24) - 6) / 5)),
    })),
  }),
  '/api/v1/proof': proof,
  '/api/v1/panel-proof': panelProof,
  '/api/v1/walls': () => ({
    ...{ tenant: 't', isCurrent: true },
    walls: [{ name: 'hall', version: 'a', title: 'Hall', tiles: HALL }],
    playlists: [{ name: 'tour', version: 'b', walls: ['default', 'hall'], seconds: 20 }],
  }),
  '/api/v1/segments': segmentsAnswer,
  '/api/v1/segments/days': segmentDaysAnswer,
  '/api/v1/segments/moves': segmentMovesAnswer,
  '/api/v1/customers/values': customerValues,
  '/api/v1/retention': retention,
  '/api/v1/forecast': forecast,
  '/api/v1/anomalies': () => ({
    absence: null,
    watching: { seen: 812, needed: 500, modelVersion: 1, scored: 87, told: 2, withheld: 1, skipped: 0 },
    total: 2,
    anomalies: [
      {
        ...{ eventId: 'e1', orderId: '577077', placedAt: AT, severity: 'critical', score: 0.74 },
        ...{ currency: 'GBP', observed: '450.1', expected: '50.5' },
        reasons: ["9× this customer's usual amount", 'at 03:12', 'third order in 4 minutes'],
        reasonsPt: ['9× o valor habitual deste cliente', 'às 03:12', 'terceiro pedido em 4 minutos'],
        ...{ acknowledgedBy: 'ana', silence: null },
      },
      {
        ...{ eventId: 'e2', orderId: '577078', placedAt: AT, severity: 'warning', score: 0.66 },
        ...{ currency: 'GBP', observed: '12', expected: null },
        ...{ reasons: ['90% discount'], reasonsPt: ['90% de desconto'], acknowledgedBy: null, silence: null },
      },
    ],
  }),
  '/api/v1/incidents': () => ({
    ...{ analytics: true, absence: null },
    watching: { upTo: AT, bucketMinutes: 30, series: 48, days: 63, neededDays: 14 },
    total: 3,
    incidents: [
      {
        ...{ ...INCIDENT, alertId: 'i1', kind: 'metric', state: 'open', severity: 'critical' },
        ...{
          subject: 'revenue',
          part: { dimension: 'total', member: '' },
          direction: 'fall',
          cause: 'level',
        },
        ...{ observed: '210.5', expected: '1450', low: '640.2', high: '2259.8' },
        contributors: [
          { dimension: 'region', member: 'United Kingdom', change: '-1100.25', share: 0.89 },
          { dimension: 'region', member: 'Germany', change: '-97.5', share: 0.08 },
        ],
      },
      {
        ...{ ...INCIDENT, alertId: 'i2', kind: 'data.stale', state: 'acknowledged', severity: 'warning' },
        ...{ subject: 'hubspot', acknowledgedBy: 'ana', silence: { owner: 'ana', until: AT } },
      },
      {
        ...{
          ...INCIDENT,
          alertId: 'i3',
          kind: 'metric',
          state: 'resolved',
          severity: 'info',
          resolvedAt: AT,
        },
        ...{ subject: 'orders', direction: 'rise', cause: 'drift' },
        ...{ observed: '9', expected: '7', low: '0', high: '15' },
      },
    ],
  }),
  '/api/v1/incidents/acknowledge': () => ({ commandId: 'c1' }),
  '/api/v1/incidents/silence': () => ({ commandId: 'c2' }),
  '/api/v1/change': () => ({
    ...{ axis: 'booked', currency: 'GBP', day: '2011-11-17', againstDay: '2011-11-16' },
    ...{ fromMinute: 0, toMinute: 873, orders: { now: 87, before: 98 } },
    revenue: { now: '39426.18', before: '41208.5', change: '-1782.32' },
    contributions: [
      {
        dimension: 'kind',
        rows: [moved('sale', '-2155.42'), moved('refund', '373.1')],
        others: moved('', '0'),
      },
      { dimension: 'source', rows: [moved('online-retail', '-1782.32')], others: moved('', '0') },
      {
        dimension: 'country',
        rows: [moved('United Kingdom', '-2640.1'), moved('Germany', '1210.4')],
        others: moved('', '-352.62'),
      },
      { dimension: 'product', rows: [moved('23084', '-912.3')], others: moved('', '-870.02') },
      { dimension: 'customer', rows: [moved('', '640'), moved('14911', '-2422.32')], others: moved('', '0') },
    ],
    largest: [{ source: 'online-retail', orderId: '577077', ...moved('', '-2033.1') }],
  }),
  '/api/v1/explore': explore,
  '/api/v1/annotations': annotationsAnswer,
  '/api/v1/targets': targetsAnswer,
  '/api/v1/series': (query) => ({
    ...{ day: query.get('day'), startsAt: `${query.get('day')}T00:00:00Z`, currency: 'GBP', stepMinutes: 1 },
    revenue: Array.from({ length: 1_440 }, (_, minute) => String(Math.max(0, minute - 480) * 61.5)),
  }),
  '/api/v1/orders': () => ({
    from: '2010-10-14',
    total: 2,
    orders: [ORDER, { ...ORDER, orderId: '577078' }],
    next: null,
  }),
  '/api/v1/customers': () => ({
    ...{ currency: 'GBP', total: 1 },
    customers: [{ customer: '14911', revenue: '136275.72', orders: 201, lastOrderAt: AT }],
  }),
  '/api/v1/products': () => ({
    ...{ currency: 'GBP', total: { articles: 1 } },
    products: [{ sku: '23084', name: 'RABBIT NIGHT LIGHT', revenue: '66756.59', units: '30646' }],
  }),
  '/api/v1/orders/online-retail/577077': () => ({
    order: {
      history: [
        { revision: 1, takenAt: AT, changedAt: AT, status: 'completed', currency: 'GBP', net: '450.1' },
      ],
    },
  }),
  '/api/v1/orders/online-retail/577077/event': () => ({
    ...{ topic: 'orders', partition: 3, offset: 4711, missing: null },
    event: { type: 'order', orderId: '577077', lines: [{ sku: '23084', quantity: '6' }] },
  }),
  '/api/v1/deliveries': () => ({ endpoints: ENDPOINTS, total: 812, deliveries: DELIVERIES }),
  '/api/v1/deliveries/replay': () => ({}),
  '/api/v1/screens': () => ({ screens: [SCREEN, { ...SCREEN, id: 's2', name: 'Depot', seenAt: null }] }),
  '/api/v1/shares': () => ({
    shares: [{ id: 'h', name: 'Zebra', createdBy: 'ana', createdAt: AT, expiresAt: AT }],
  }),
  '/api/v1/shares/add': () => ({ path: '/share#0123456789abcdef0123456789abcdef01234567' }),
  '/api/v1/pairing': () => ({
    ...{ state: 'waiting', code: '294617' },
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
  }),
}

/** So many that they come in pages. */
const CUSTOMERS = 1_250

function customerValues(query: URLSearchParams): object {
  const [from, limit] = [Number(query.get('cursor') ?? 0), Number(query.get('limit') ?? 100)]
  const to = Math.min(CUSTOMERS, from + limit)
  const rows = Array.from({ length: to - from }, (_, i) => from + i)
  const customers = rows.map((at) => ({
    ...{ customer: String(12_346 + at), segment: LABELS[at % 11]!.id, orders: 1 + (at % 9) },
    ...{ revenue: String(90_000.5 - at), lastDay: `2011-11-${10 + (at % 8)}` },
    ...{ alive: 1 / (1 + (at % 9) / 4), expectedOrders: 3.2, expectedValue: String(4_000.25 - at) },
  }))
  return {
    ...{
      currency: 'GBP',
      labels: LABELS,
      total: CUSTOMERS,
      customers,
      next: to < CUSTOMERS ? String(to) : null,
      ...{ analytics: true, absence: null },
    },
    model: {
      ...{ cutOff: '2011-11-16', current: true, madeAt: AT, refusal: null, valueRefusal: null },
      bgNbd: { r: 0.2426, alpha: 4.4136, a: 0.7929, b: 2.4259, logLikelihood: -9_582.43, customers: 2_357 },
      gammaGamma: { p: 6.25, q: 3.74, v: 15.44, logLikelihood: -4_055.92, customers: 946 },
    },
    sql: 'SELECT customer, v.value_12m\nFROM revwall.v1_customer_segments',
  }
}

function retention(): object {
  const months = ['2011-07', '2011-08', '2011-09', '2011-10', '2011-11']
  const cohorts = months.map((month, row) => ({
    ...{ month, customers: 200 - 20 * row },
    cells: months.slice(row).map((_, after) => ({
      after,
      customers: Math.round((200 - 20 * row) / (1 + after)),
      revenue: String(41_000.5 / (1 + after)),
    })),
  }))
  const sql = 'SELECT cohort, count()\nFROM revwall.v1_customer_days'
  return { currency: 'GBP', month: '2011-11', cohorts, sql, absence: null }
}

function explore(query: URLSearchParams): object {
  const sums = (revenue: string, orders: number) => ({
    revenue,
    sales: revenue,
    refunds: '-120',
    orders,
    units: '900',
  })
  const to = query.get('to') ?? '2011-11-17'
  return {
    ...{ from: query.get('from') ?? to, to, by: query.get('by') ?? 'country', currency: 'GBP' },
    currencies: ['EUR', 'GBP'],
    total: sums('39426.18', 87),
    days: [{ day: to, ...sums('39426.18', 87) }],
    values: [
      { value: 'United Kingdom', ...sums('33020.5', 71) },
      { value: '', ...sums('4112.2', 10) },
    ],
    others: { values: 6, ...sums('2293.48', 6) },
  }
}

function forecast(query: URLSearchParams): object {
  const step = query.get('step') ?? 'day'
  const [days, ahead, past] = step === 'day' ? [1, 56, 56] : [7, 8, 26]
  // A Sunday.
  const last = step === 'day' ? '2011-11-16' : '2011-11-13'
  const day = (at: number) =>
    new Date(Date.parse(`${last}T00:00:00Z`) + at * 86_400_000).toISOString().slice(0, 10)
  const value = (at: number) => days * (38_000 + 9_000 * Math.sin((at * 2 * Math.PI) / 7))
  const accuracy = (wape: number) => ({ wape, smape: wape * 110, mase: wape * 2 })
  const choice = { series: query.get('series'), by: query.get('by'), key: query.get('key') ?? '' }
  const choices = ['revenue', 'orders', 'ticket'].flatMap((series) => [
    { series, by: 'all', key: '' },
    { series, by: 'country', key: 'Germany' },
  ])
  return {
    ...{ ...choice, step },
    ...{ currency: 'GBP', completeDays: 321, neededDays: 14, absence: null },
    forecast: {
      ...{
        cutOff: day(0),
        current: true,
        madeAt: AT,
        revision: 3,
        history: { from: '2010-12-01', days: 350 },
      },
      ...{ model: `combined-${step}-1`, fallback: null },
      methods: [
        { method: 'theta', weight: 0.6 },
        { method: 'comb', weight: 0.4 },
      ],
      backtest: {
        ...{ origins: 12, coverage80: 0.81, coverage95: 0.94, tested: 672 },
        ...{ combination: accuracy(0.37), seasonalNaive: accuracy(0.41), naive: accuracy(0.43) },
      },
      points: Array.from({ length: ahead }, (_, at) => ({
        ...{ day: day(1 + at * days), value: value(at).toFixed(2) },
        ...{ low80: (value(at) * 0.8).toFixed(2), high80: (value(at) * 1.2).toFixed(2) },
        ...{ low95: (value(at) * 0.7).toFixed(2), high95: (value(at) * 1.3).toFixed(2) },
      })),
    },
    past: Array.from({ length: past }, (_, at) => ({
      ...{ day: day(1 + (at - past) * days), value: value(at).toFixed(2) },
    })),
    choices,
  }
}

function proof(query: URLSearchParams): object {
  const figure = query.get('figure') ?? 'revenue'
  const value = FIGURES[figure] ?? '0'
  return {
    ...{ figure, day: query.get('day'), axis: query.get('axis'), currency: query.get('currency') },
    definition: 'Every booked amount of the day, with its sign.',
    ...{ fromViews: value, fromBase: value, difference: '0', steady: true },
    sql: 'SELECT sum(booked_revenue)\nFROM headline\nWHERE day = {day:Date}',
    baseSql: 'SELECT sum(sign * booked_amount)\nFROM order_changes\nWHERE day = {day:Date}',
    offsets: [0, 1, 2, 3].map((partition) => ({ partition, last: 4_711 + partition })),
    sources: [{ source: 'online-retail', completeTo: AT }],
    at: AT,
  }
}

function panelProof(query: URLSearchParams): object {
  const claim = { unit: 'count', recomputed: '2357', definition: 'Customers with an order that counts.' }
  const sql = 'SELECT toString(count()) AS value\nFROM revwall.v1_order_changes'
  return {
    ...{ panel: query.get('panel'), currency: 'GBP', axis: 'booked' },
    claims: [
      {
        ...claim,
        id: 'segment-customers',
        shown: '2357',
        difference: '0',
        verdict: 'exact',
        sql,
        asOf: null,
      },
      { ...claim, id: 'fitted', shown: '2360', difference: '3', verdict: 'since', sql, asOf: AT },
    ],
    sources: [{ source: 'online-retail', completeTo: AT }],
    at: AT,
  }
}
