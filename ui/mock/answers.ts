/** What the api would answer to the dialogs and the door; plausible, and of no shop. */

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
const SEGMENTS = ['champions', 'loyal', 'potential-loyalist', 'new', 'promising', 'need-attention']
  .concat(['about-to-sleep', 'at-risk', 'cant-lose', 'lost', 'hibernating'])
  .map((segment, at) => ({ segment, customers: 640 - at * 51, revenue: String(912_345.67 / (at + 1) ** 2) }))
const AT = '2011-11-17T14:32:05Z'
const SCREEN = { id: 's', name: 'Lobby', approvedBy: 'ana', createdAt: AT, seenAt: AT, address: '192.0.2.7' }

export function answerOf(path: string, query: URLSearchParams, isUser: boolean): Answer {
  const body = ANSWERS[path]?.(query, isUser)
  if (body !== undefined) return { status: 200, body }
  return { status: 401, body: { error: { code: 'UNAUTHORIZED', message: 'Sign in at /login first.' } } }
}

const ANSWERS: Readonly<Record<string, (query: URLSearchParams, isUser: boolean) => object>> = {
  '/api/v1/me': (_, isUser) => (isUser ? USER : LOCAL),
  '/api/v1/proof': proof,
  '/api/v1/segments': () => ({
    ...{ currency: 'GBP', from: '2011-11-17', to: '2011-11-17', segments: SEGMENTS },
    moves: [
      { from: 'lost', to: 'champions', customers: 3, revenue: '50' },
      { from: null, to: 'new', customers: 1, revenue: '20' },
    ],
  }),
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
