/** Every route, and the websocket, with every kind of visitor: who is answered, and with nothing of anybody else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { command } from '../../core/contracts/commands.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { openTestAccess, type TestAccess } from '../testing/open-test-access.ts'
import { openWall } from '../testing/open-wall.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'
import { revokeScreen } from './screens.ts'
import { revokeShare } from './shares.ts'

let skewMs = 0
const clock = { ...systemClock, now: () => Date.now() + skewMs }
const AT = { upTo: '2011-11-17T10:30:00Z', polledAt: new Date().toISOString() }
/** What only one of the tenants has, and no time of day. */
const WORDS = { acme: /acme|(?<!:)12\.5|GBP|Norway|"A1"/i, zebra: /zebra|77777|BRL|Brazil|"X1"/i }

let passes: TestAccess
let api: TestApi
let origin: string
const visitors: Record<string, Record<string, string>> = {}

beforeAll(async () => {
  passes = openTestAccess({ clock })
  await passes.addUser('ana', 'viewer', ['acme'])
  await passes.addUser('olga', 'operator', ['acme'])
  await passes.addUser('adam', 'admin', ['acme'])
  await passes.addUser('zoe', 'viewer', ['zebra'])
  await passes.addUser('zack', 'admin', ['zebra'])
  await passes.addUser('both', 'viewer', ['acme', 'zebra'])
  await passes.addUser('gone', 'viewer', ['a-former-tenant'])
  api = await startTestApi({ access: passes.access, clock })
  origin = api.url
  const sale = (amount: string) => [{ at: '2011-11-17T10:00:00Z', kind: 'sale' as const, amount }]
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries: sale('12.5'), customer: 'c', country: 'Norway' },
    { tenant: 'zebra', orderId: 'X1', entries: sale('77777'), currency: 'BRL', country: 'Brazil' },
    ...marks(4, { first: 0, last: 9, progress: ['acme', 'zebra'].map((tenant) => ({ tenant, ...AT })) }),
  ])
  await new Promise((later) => setTimeout(later, 300))
  const of = { access: passes.access, clock }
  const only = ({ cookie }: { cookie: string }) => ({ cookie })
  const expired = passes.shareCookie('acme', 0.01)
  skewMs = 20 * 60_000
  const revoked = passes.screenCookie('acme')
  revokeScreen(of, revoked.id, ['acme'])
  const ended = passes.shareCookie('acme')
  revokeShare(of, ended.id, ['acme'])
  Object.assign(visitors, {
    nobody: {},
    forger: { cookie: `revwall_${passes.access.store.id}=${'A'.repeat(43)}` },
    expired: only(expired),
    'ended share': only(ended),
    'revoked screen': only(revoked),
    ana: passes.userCookie('ana'),
    zoe: passes.userCookie('zoe'),
    olga: passes.userCookie('olga'),
    adam: passes.userCookie('adam'),
    zack: passes.userCookie('zack'),
    both: passes.userCookie('both'),
    gone: passes.userCookie('gone'),
    screen: only(passes.screenCookie('acme')),
    share: only(passes.shareCookie('acme')),
  })
})
afterAll(async () => {
  await api?.stop()
  await passes?.close()
})

const SHUT_OUT = ['nobody', 'forger', 'expired', 'ended share', 'revoked screen']
const OF_ACME = ['ana', 'olga', 'adam', 'both', 'screen', 'share']
const OF_ZEBRA = ['zoe', 'zack']

const GETS = [
  ...[
    '/wall',
    '/walls',
    '/tenant',
    '/sources',
    '/headline',
    '/series',
    '/totals',
    '/products',
    '/countries',
    '/breakdown',
  ],
  ...['/reps', '/profile', '/orders', '/customers', '/orders/latest', '/reconciliation', '/dead-letters'],
  ...['/customers/values', '/retention', '/segments/days', '/segments/moves'],
  ...[
    '/converted',
    '/segments',
    '/forecast',
    '/pace',
    '/anomalies',
    '/incidents',
    '/change',
    '/explore',
    '/proof',
    '/panel-proof',
    '/me',
  ],
  ...['/annotations', '/targets'],
].map((path) => `/api/v1${path}`)
const NOT_THERE = [
  '/api/v1/orders/shop/none',
  '/api/v1/orders/shop/none/event',
  '/api/v1/customers/none',
  '/api/v1/customers/none/segment',
]
/** Their errors may name hosts: not for a TV, a link, or who only looks. */
const OPERATORS = ['/api/v1/deliveries']
const ADMINS = ['/api/v1/screens', '/api/v1/shares']
const OPEN = ['/healthz', '/readyz']
const POSTS: { path: string; role: 'viewer' | 'operator' | 'admin' | 'anybody' }[] = [
  { path: '/api/v1/login', role: 'anybody' },
  { path: '/api/v1/pairing', role: 'anybody' },
  { path: '/api/v1/share', role: 'anybody' },
  { path: '/api/v1/logout', role: 'viewer' },
  { path: '/api/v1/screens/approve', role: 'operator' },
  { path: '/api/v1/incidents/acknowledge', role: 'operator' },
  { path: '/api/v1/incidents/silence', role: 'operator' },
  { path: '/api/v1/screens/revoke', role: 'admin' },
  { path: '/api/v1/shares/add', role: 'admin' },
  { path: '/api/v1/shares/revoke', role: 'admin' },
  { path: '/api/v1/walls/save', role: 'admin' },
  { path: '/api/v1/walls/remove', role: 'admin' },
  { path: '/api/v1/playlists/save', role: 'admin' },
  { path: '/api/v1/annotations/add', role: 'operator' },
  { path: '/api/v1/annotations/remove', role: 'operator' },
  { path: '/api/v1/targets/set', role: 'admin' },
  { path: '/api/v1/targets/remove', role: 'admin' },
  { path: '/api/v1/deliveries/replay', role: 'operator' },
]

const get = (who: string, url: string, more: Record<string, string> = {}) =>
  api.app.inject({ url, headers: { ...visitors[who], ...more }, remoteAddress: '10.0.0.7' })

/** An empty body is the last thing to be looked at: who gets so far may. */
const post = (who: string, url: string, headers: Record<string, string> = { origin }) =>
  api.app.inject({
    ...{ method: 'POST', url, remoteAddress: '10.0.0.7', payload: { none: 1 } },
    headers: { host: new URL(origin).host, ...visitors[who], ...headers },
  })

test('the table has every route', () => {
  const routes = Object.entries(api.app.swagger().paths ?? {}).flatMap(([path, methods]) =>
    Object.keys(methods ?? {}).map((method) => `${method} ${path}`),
  )
  const expected = [
    ...[...GETS, ...OPERATORS, ...ADMINS, ...OPEN, '/metrics', '/openapi.json', '/api/v1/asyncapi.json'].map(
      (path) => `get ${path}`,
    ),
    ...['/orders/{source}/{id}', '/orders/{source}/{id}/event'].map((path) => `get /api/v1${path}`),
    ...['/customers/{customer}', '/customers/{customer}/segment'].map((path) => `get /api/v1${path}`),
    ...POSTS.map(({ path }) => `post ${path}`),
  ]
  expect(routes.sort()).toEqual(expected.sort())
})

describe('reading', () => {
  test.each(SHUT_OUT)('%s is told nothing but to sign in', async (who) => {
    for (const path of [
      ...GETS,
      ...NOT_THERE,
      ...OPERATORS,
      ...ADMINS,
      '/openapi.json',
      '/api/v1/asyncapi.json',
      '/metrics',
      '/api/v1/live',
    ]) {
      const { statusCode, body } = await get(who, path)
      expect([path, statusCode, JSON.parse(body).error.code]).toEqual([path, 401, 'UNAUTHORIZED'])
      expect(body).not.toMatch(WORDS.acme)
      expect(body).not.toMatch(WORDS.zebra)
    }
    for (const path of OPEN) expect([path, (await get(who, path)).statusCode]).toEqual([path, 200])
  })

  test.each([
    ...OF_ACME.map((who) => ({ who, own: 'acme', other: 'zebra' }) as const),
    ...OF_ZEBRA.map((who) => ({ who, own: 'zebra', other: 'acme' }) as const),
  ])('$who reads $own, and has no word of $other', async ({ who, own, other }) => {
    const ask = async (path: string) => {
      const { statusCode, body } = await get(who, path)
      expect([path, statusCode]).toEqual([path, NOT_THERE.includes(path) ? 404 : 200])
      if (!(path.endsWith('/me') && who === 'both'))
        expect([path, WORDS[other].test(body)]).toEqual([path, false])
      if (who === 'both') return
      const foreign = await get(who, `${path}?tenant=${other}`)
      expect([path, foreign.statusCode, WORDS[other].test(foreign.body)]).toEqual([path, 403, false])
    }
    await Promise.all([...GETS, ...NOT_THERE].map(ask))
    const { body } = await get(who, '/api/v1/headline')
    expect(body).toMatch(WORDS[own])
  })

  test('who belongs to both chooses, and of a third there is none', async () => {
    const zebra = await get('both', '/api/v1/headline?tenant=zebra')
    expect([zebra.statusCode, WORDS.zebra.test(zebra.body), WORDS.acme.test(zebra.body)]).toEqual([
      200,
      true,
      false,
    ])
    expect((await get('both', '/api/v1/headline?tenant=nobody')).statusCode).toBe(403)
    for (const path of GETS) expect([path, (await get('gone', path)).statusCode]).toEqual([path, 403])
  })

  test('lists of screens and links are for admins, each for their own tenant', async () => {
    for (const path of ADMINS) {
      for (const who of ['ana', 'olga', 'both', 'screen', 'share', 'zoe'])
        expect([path, who, (await get(who, path)).statusCode]).toEqual([path, who, 403])
      const [acme, zebra] = [await get('adam', path), await get('zack', path)]
      expect([acme.statusCode, zebra.statusCode]).toEqual([200, 200])
      expect([acme.body.includes('hall') || acme.body.includes('board'), zebra.body]).toEqual([
        true,
        expect.stringMatching(/:\[\]\}$/),
      ])
    }
  })
})

describe('changing', () => {
  const MAY = {
    viewer: [...OF_ACME, ...OF_ZEBRA],
    operator: ['olga', 'adam', 'zack'],
    admin: ['adam', 'zack'],
  }

  test.each(POSTS)('$path is for $role', async ({ path, role }) => {
    for (const who of Object.keys(visitors).filter((name) => name !== 'gone')) {
      const { statusCode } = await post(who, path)
      const may = role === 'anybody' || MAY[role].includes(who)
      expect([who, statusCode]).toEqual([who, may ? 400 : SHUT_OUT.includes(who) ? 401 : 403])
    }
  })

  test.each(POSTS)(
    '$path is refused to pages of others, and where nobody says whose page it is',
    async ({ path }) => {
      const { port } = new URL(origin)
      const others = [
        'https://evil.example',
        'null',
        `http://127.0.0.1:${Number(port) + 1}`,
        `https://127.0.0.1:${port}.evil.example`,
      ]
      for (const headers of [{}, ...others.map((from) => ({ origin: from }))]) {
        const { statusCode } = await post('adam', path, headers as Record<string, string>)
        expect([headers, statusCode]).toEqual([headers, 403])
      }
    },
  )

  test('an admin ends nothing of another tenant', async () => {
    const { id } = passes.screenCookie('acme')
    const share = passes.shareCookie('acme')
    const send = (who: string, path: string, payload: object) =>
      api.app.inject({
        method: 'POST',
        url: path,
        payload,
        headers: { origin, host: new URL(origin).host, ...visitors[who] },
      })
    expect((await send('zack', '/api/v1/screens/revoke', { id })).statusCode).toBe(404)
    expect((await send('zack', '/api/v1/shares/revoke', { id: share.id })).statusCode).toBe(404)
    expect((await send('zack', '/api/v1/screens/revoke?tenant=acme', { id })).statusCode).toBe(403)
    expect((await send('adam', '/api/v1/screens/revoke', { id })).statusCode).toBe(200)
    expect((await send('adam', '/api/v1/shares/revoke', { id: share.id })).statusCode).toBe(200)
  })
})

describe('deliveries', () => {
  test('are told to operators and admins of their tenant, with no word of another', async () => {
    for (const [tenant, host] of [
      ['acme', 'hooks.acme.internal'],
      ['zebra', 'hooks.zebra.internal'],
    ])
      await api.db.warehouse.command(
        `INSERT INTO revwall.deliveries (tenant, endpoint, message_id, revision, at, status, error)
         VALUES ('${tenant}', 'ep_told', 'msg_told', 1, now(), 'dead', 'connect ECONNREFUSED ${host}:443')`,
      )
    for (const path of OPERATORS) {
      for (const who of ['ana', 'both', 'screen', 'share', 'zoe']) {
        const { statusCode, body } = await get(who, path)
        expect([who, statusCode, /internal/.test(body)]).toEqual([who, 403, false])
      }
      for (const [who, own, other] of [
        ['olga', 'acme', 'zebra'],
        ['adam', 'acme', 'zebra'],
        ['zack', 'zebra', 'acme'],
      ] as const) {
        const { statusCode, body } = await get(who, path)
        expect([who, statusCode, body.includes(`hooks.${own}.internal`)]).toEqual([who, 200, true])
        expect([who, WORDS[other].test(body)]).toEqual([who, false])
        expect((await get(who, `${path}?tenant=${other}`)).statusCode).toBe(403)
      }
    }
  })

  test('are asked for again by who may, of their own tenant, as a command that names who asked', async () => {
    await api.log.ensureTopic('commands', TOPICS.commands)
    await api.db.warehouse.command(
      `INSERT INTO revwall.deliveries (tenant, endpoint, message_id, revision, at, status)
       VALUES ('acme', 'ep_1', 'msg_1', 1, now(), 'dead')`,
    )
    const replay = (who: string) =>
      api.app.inject({
        ...{
          method: 'POST',
          url: '/api/v1/deliveries/replay',
          payload: { endpoint: 'ep_1', messageId: 'msg_1' },
        },
        headers: { origin, host: new URL(origin).host, ...visitors[who] },
      })
    expect((await replay('zack')).statusCode).toBe(404)
    expect((await replay('ana')).statusCode).toBe(403)
    expect((await replay('olga')).statusCode).toBe(200)
    const records = await api.log.read('commands', 0, 0, { maxRecords: 9, maxBytes: 9_999 })
    expect(
      records.map(({ value }) => command.parse(JSON.parse(Buffer.from(value).toString()))),
    ).toMatchObject([
      { type: 'delivery.replay', tenant: 'acme', endpoint: 'ep_1', messageId: 'msg_1', by: 'olga' },
    ])
  })
})

describe('the websocket', () => {
  const wallOf = (who: string, tenant?: string) =>
    openWall(api.url, { headers: visitors[who]!, ...(tenant && { tenant }) })

  test.each(SHUT_OUT)('does not open for %s', async (who) => {
    await expect(wallOf(who)).rejects.toThrow('401')
  })

  test.each([
    ...OF_ACME.map((who) => ({ who, own: 'acme', other: 'zebra' }) as const),
    ...OF_ZEBRA.map((who) => ({ who, own: 'zebra', other: 'acme' }) as const),
  ])('shows $who $own and no word of $other', async ({ who, own, other }) => {
    if (who !== 'both') await expect(wallOf(who, other)).rejects.toThrow('403')
    const wall = await wallOf(who)
    await wall.until(() => wall.tiles.hero !== undefined && wall.tiles.latest !== undefined)
    expect(JSON.stringify(wall.frames)).toMatch(WORDS[own])
    expect(JSON.stringify(wall.frames)).not.toMatch(WORDS[other])
    await wall.close()
  })

  test('is refused to a page of another server, whoever looks at it', async () => {
    for (const from of ['https://evil.example', 'null', 'http://127.0.0.1:1'])
      await expect(openWall(api.url, { headers: { ...visitors.ana, origin: from } })).rejects.toThrow('403')
  })
})

describe('metrics', () => {
  test('are for this machine alone, and not for whoever a proxy asks for', async () => {
    const local = (headers: Record<string, string>) => api.app.inject({ url: '/metrics', headers })
    expect((await local({})).statusCode).toBe(200)
    expect((await local({ 'x-forwarded-for': '10.0.0.7' })).statusCode).toBe(401)
    expect((await get('adam', '/metrics')).statusCode).toBe(401)
    expect((await local({})).body).toMatch(/revwall_http_refusals_total\{reason="login"\} [1-9]/)
  })
})
