/** Coming in and going over real HTTP, and websockets that are closed when their access ends; clients that mean harm. */
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { openTestAccess, PASSWORD, type TestAccess } from '../testing/open-test-access.ts'
import { openWall, type TestWall } from '../testing/open-wall.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'
import { revokeScreen } from './screens.ts'

let passes: TestAccess
let api: TestApi
const walls: TestWall[] = []

beforeAll(async () => {
  passes = openTestAccess()
  await passes.addUser('ana', 'viewer', ['acme'])
  await passes.addUser('adam', 'admin', ['acme'])
  await passes.addUser('eve', 'viewer', ['zebra'])
  api = await startTestApi({
    access: passes.access,
    liveLimits: { ofPass: 4, ofTenant: 12, pingIntervalMs: 400 },
    trustedProxies: ['127.0.0.1'],
  })
  const told = { upTo: '2011-11-17T10:30:00Z', polledAt: new Date().toISOString() }
  await api.insert([...marks(4, { first: 0, last: 9, progress: [{ tenant: 'acme', ...told }] })])
})
afterEach(async () => {
  await Promise.all(walls.splice(0).map((wall) => wall.close()))
})
afterAll(async () => {
  await api?.stop()
  await passes?.close()
})

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${api.url}/api/v1${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', origin: api.url, ...headers },
  })
  const cookies = response.headers.getSetCookie()
  const cookie = cookies.map((text) => text.split(';')[0]).join('; ')
  return { status: response.status, body: await response.json(), cookies, cookie, headers: response.headers }
}

async function wallOf(headers: { cookie: string }, more: Record<string, string> = {}): Promise<TestWall> {
  const wall = await openWall(api.url, { headers: { cookie: headers.cookie, ...more } })
  walls.push(wall)
  return wall
}

const statusOf = async (cookie: string) =>
  (await fetch(`${api.url}/api/v1/me`, { headers: { cookie } })).status
const endOf = async (wall: TestWall) => {
  const since = performance.now()
  const { code } = await wall.closed
  return { code, goodbye: wall.frames.at(-1), ms: performance.now() - since }
}
const metric = async (name: string, label: string) => {
  const text = await api.registry.getSingleMetricAsString(name)
  return Number(
    text
      .split('\n')
      .find((line) => line.includes(label))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}

describe('a login', () => {
  test('sets a cookie that no script reads, and that is another one each time', async () => {
    const [one, two] = [1, 2].map(() => post('/login', { name: ' Ana', password: PASSWORD }))
    const { status, cookies, cookie, headers } = await one!
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(cookies[0]).toMatch(
      /^revwall_[0-9a-f]{12}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1209600$/,
    )
    expect((await two!).cookie).not.toBe(cookie)
    expect(await statusOf(cookie)).toBe(200)
  })

  test('sets one that goes over https alone where the page came so', async () => {
    const { host } = new URL(api.url)
    const { cookies } = await post(
      '/login',
      { name: 'ana', password: PASSWORD },
      { origin: `https://${host}` },
    )
    expect(cookies[0]).toMatch(/; Secure$/)
  })

  test('ends the session that the browser had before', async () => {
    const before = await post('/login', { name: 'ana', password: PASSWORD })
    const after = await post('/login', { name: 'adam', password: PASSWORD }, { cookie: before.cookie })
    expect([await statusOf(before.cookie), await statusOf(after.cookie)]).toEqual([401, 200])
  })

  test('says the same of a wrong name and a wrong password, waits longer each time, and counts', async () => {
    const proxied = { 'x-forwarded-for': '203.0.113.9' }
    // At the same time: none slips in while another one is looked at.
    const wrong = Array.from({ length: 8 }, (_, i) =>
      post('/login', { name: 'eve', password: `wrong ${i}` }, proxied),
    )
    const tries = (await Promise.all(wrong)).sort((a, b) => a.status - b.status)
    const unknown = await post('/login', { name: 'nobody', password: 'x' }, proxied)
    expect(tries.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429, 429, 429])
    expect(unknown.body).toEqual(tries[0]!.body)
    expect(Number(tries[5]!.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    // Somebody else is let in meanwhile, and so is she from elsewhere.
    expect((await post('/login', { name: 'ana', password: PASSWORD }, proxied)).status).toBe(200)
    expect((await post('/login', { name: 'eve', password: PASSWORD })).status).toBe(200)
    expect(await metric('revwall_logins_total', 'result="limited"')).toBe(3)
    expect(await metric('revwall_logins_total', 'result="refused"')).toBe(6)
  })
})

describe('an open wall is closed at once', () => {
  test('by logging out, and others are not', async () => {
    const ana = await post('/login', { name: 'ana', password: PASSWORD })
    const [own, other] = [await wallOf(ana), await wallOf(passes.userCookie('ana'))]
    await own.until(() => own.frames.length > 0)
    expect((await post('/logout', {}, { cookie: ana.cookie })).status).toBe(200)
    const { code, goodbye, ms } = await endOf(own)
    expect([code, goodbye]).toEqual([1008, { type: 'goodbye', reason: 'signed out' }])
    expect(ms).toBeLessThan(1_000)
    expect(await statusOf(ana.cookie)).toBe(401)
    expect(other.socket.readyState).toBe(other.socket.OPEN)
  })

  test('when its screen is revoked, here or by another process', async () => {
    const another = passes.another()
    for (const access of [passes.access, another]) {
      const screen = passes.screenCookie('acme')
      const wall = await wallOf(screen)
      await wall.until(() => wall.frames.length > 0)
      revokeScreen({ access, clock: systemClock }, screen.id, ['acme'])
      const { code, ms } = await endOf(wall)
      expect(code).toBe(1008)
      // Not by the look each five seconds.
      expect(ms).toBeLessThan(2_500)
      console.log(`a revoked screen was closed after ${Math.round(ms)} ms`)
      await expect(wallOf(screen)).rejects.toThrow('401')
    }
  })

  test('when its link expires', async () => {
    const wall = await wallOf(passes.shareCookie('acme', 1.5 / 86_400))
    await wall.until(() => wall.frames.length > 0)
    expect(await endOf(wall)).toMatchObject({ code: 1008 })
  })

  test('when the password changes, the role or the tenant', async () => {
    const changes: [string, () => Promise<void>][] = [
      ['password', () => passes.addUser('eve', 'viewer', ['zebra'], 'something else entirely')],
      ['role', () => passes.addUser('eve', 'operator', ['zebra'], 'something else entirely')],
    ]
    for (const [what, change] of changes) {
      await passes.addUser('eve', 'viewer', ['zebra'])
      await new Promise((later) => setTimeout(later, 400))
      const wall = await wallOf(passes.userCookie('eve'))
      await wall.until(() => wall.frames.length > 0)
      await change()
      const { code, ms } = await endOf(wall)
      expect([what, code, ms < 2_500]).toEqual([what, 1008, true])
    }
  })
})

describe('clients that mean harm are ended and counted, and nobody else notices', () => {
  const dropped = (reason: string) => metric('revwall_live_clients_dropped_total', `"${reason}"`)

  /** A wall that must be as it was after `harm`. */
  async function besides(reason: string, harm: () => Promise<unknown>): Promise<void> {
    const good = await wallOf(passes.userCookie('adam'))
    await good.until(() => good.frames.length > 0)
    const before = await dropped(reason)
    await harm()
    await expect.poll(() => dropped(reason), { timeout: 20_000 }).toBeGreaterThan(before)
    const frames = good.frames.length
    good.send({ type: 'resync', reason: 'still here?' })
    await good.until(() => good.frames.length > frames, 20_000)
    expect(good.socket.readyState).toBe(good.socket.OPEN)
  }

  test('a frame of 10 MB', () =>
    besides('huge', async () => {
      const wall = await wallOf(passes.userCookie('ana'))
      wall.send({ type: 'resync', reason: 'x'.repeat(10_000_000) })
      expect((await wall.closed).code).toBe(1009)
    }))

  test('a flood of messages, and of pings', () =>
    besides('flood', async () => {
      const [talker, pinger] = [
        await wallOf(passes.userCookie('ana')),
        await wallOf(passes.userCookie('ana')),
      ]
      for (let i = 0; i < 2_000; i++) talker.send({ type: 'resync', reason: 'again' })
      for (let i = 0; i < 2_000; i++) pinger.socket.ping('x'.repeat(100))
      expect((await talker.closed).code).toBe(1008)
      expect((await pinger.closed).code).toBe(1006)
      expect(await dropped('flood')).toBeGreaterThanOrEqual(2)
    }))

  test('one that never reads', () =>
    besides('silent', async () => {
      const wall = await wallOf(passes.userCookie('ana'))
      const { _socket: wire } = wall.socket as unknown as { _socket: { pause(): void } }
      wire.pause()
      await expect.poll(() => dropped('silent'), { timeout: 20_000 }).toBeGreaterThan(0)
      wall.socket.terminate()
    }))

  test('too many of one session, and of one tenant', async () => {
    const ana = passes.userCookie('ana')
    await besides('pass', async () => {
      for (let i = 0; i < 4; i++) await wallOf(ana)
      expect((await (await wallOf(ana)).closed).code).toBe(1013)
    })
    await besides('tenant', async () => {
      const more = Array.from({ length: 9 }, () => wallOf(passes.userCookie('ana')))
      const ends = await Promise.race((await Promise.all(more)).map((wall) => wall.closed))
      expect(ends.code).toBe(1013)
    })
    // The other tenant has its room.
    const eve = await wallOf(passes.userCookie('eve'))
    await eve.until(() => eve.frames.length > 0)
  })

  test('a page of another server, or of another port, with a good cookie', async () => {
    const ana = passes.userCookie('ana')
    const before = await metric('revwall_http_refusals_total', '"origin"')
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${Number(new URL(api.url).port) + 1}`,
    ])
      await expect(openWall(api.url, { headers: { ...ana, origin } })).rejects.toThrow('403')
    expect(await metric('revwall_http_refusals_total', '"origin"')).toBe(before + 3)
    await wallOf(ana, { origin: api.url })
  })

  test('upgrades that say nothing more, or nonsense', async () => {
    const { cookie } = passes.userCookie('ana')
    const { host, port } = new URL(api.url)
    const head = `GET ${LIVE_PATH} HTTP/1.1\r\nHost: ${host}\r\nCookie: ${cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
    const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
    await besides('invalid', async () => {
      for (const text of [`${head}${key}\u0000\u0000\u0000\u0000nonsense`, `${head}\r\n`, head]) {
        const socket = connect(Number(port), '127.0.0.1')
        socket.on('error', () => {})
        socket.write(text, 'latin1')
        await new Promise((later) => setTimeout(later, 200))
        socket.destroy()
      }
    })
  })
})
