/** Every route that reads, and the websocket: whatever is asked, the answer is 2xx or a clear 4xx. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { z } from 'zod'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import { NAUGHTY_TEXTS, REFUSED_TEXTS } from './naughty-strings.ts'
import { openTestHouse, type TestHouse } from './open-house.ts'

let house: TestHouse
beforeAll(async () => {
  house = await openTestHouse()
})
afterAll(() => house?.close())

const openapi = z.object({
  paths: z.record(
    z.string(),
    z.object({
      get: z.object({ parameters: z.array(z.object({ name: z.string() })).default([]) }).optional(),
    }),
  ),
})
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string().min(5) }) })

async function readRoutes(): Promise<{ path: string; names: string[] }[]> {
  const { paths } = openapi.parse(await (await fetch(`${house.page}/openapi.json`)).json())
  return Object.entries(paths).flatMap(([path, { get }]) =>
    get === undefined ? [] : [{ path, names: get.parameters.map(({ name }) => name) }],
  )
}

/** Lone surrogates cannot be encoded; nobody can send them either. */
const encoded = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, '?').slice(0, 2_000))

/** Its status; a refusal must say what is wrong. */
async function ask(path: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(house.page + path, init)
  const text = await response.text()
  if (response.status >= 400 && init.method !== 'HEAD') refusal.parse(JSON.parse(text))
  return response.status
}

/** A few at a time, as browsers do. */
async function askAll(paths: readonly string[]): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  const waiting = [...paths]
  const worker = async () => {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const status = await ask(path)
      expect([200, 400, 403, 404], `${path}: ${status}`).toContain(status)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  return statuses
}

/** Lists are long and routes are many: each parameter gets another part of them. */
function some<T>(list: readonly T[], count: number, from: number): T[] {
  return Array.from({ length: count }, (_, i) => list[(from * 7 + i * 3) % list.length]!)
}

describe('what is asked', () => {
  test('each parameter of each route, with everything that it may not be', async () => {
    const routes = await readRoutes()
    const texts = [...NAUGHTY_TEXTS, ...REFUSED_TEXTS]
    const paths = routes.flatMap(({ path, names }, r) =>
      [...names, 'unheard-of', '__proto__'].flatMap((name, n) =>
        some(texts, 8, r * 5 + n).map((text) => `${path}?${encodeURIComponent(name)}=${encoded(text)}`),
      ),
    )
    const statuses = await askAll(paths)
    console.log(`${paths.length} questions to ${routes.length} routes: ${JSON.stringify([...statuses])}`)
    expect(routes.length).toBeGreaterThan(12)
    expect(statuses.get(400)).toBeGreaterThan(paths.length / 3)
  })

  test('each route with parameters that come twice, as lists, as objects, or cannot be decoded', async () => {
    const routes = await readRoutes()
    const tails = [
      'from=2011-01-01&from=2011-01-02',
      'limit[]=1',
      'limit[a]=1',
      'limit=%zz',
      'limit=%ff',
      '&&==&',
      '?',
    ]
    await askAll(routes.flatMap(({ path }) => tails.map((tail) => `${path}?${tail}`)))
  })

  test('days that are none, too early, too late or too many', async () => {
    const ranges = [
      'from=9999-12-31',
      'from=0000-01-01',
      'from=2024-02-30',
      'from=2000-01-01&to=2099-12-31',
      'to=1999-12-31',
      'from=2024-1-1',
      'from=2024-01-01T00:00:00Z',
    ]
    for (const range of ranges) expect([range, await ask(`/api/v1/headline?${range}`)]).toEqual([range, 400])
  })

  test('addresses that lead elsewhere', async () => {
    const paths = [
      '/%zz',
      '/%00',
      '/%ff',
      '/api/v1/nothing',
      '/api/v1/headline/',
      '//api/v1/headline',
      '/..%2f..%2fetc%2fpasswd',
      '/ingest/orders',
      `/${'x'.repeat(3_000)}`,
      '/__proto__',
      '/api/v1/../../revwall.ts',
    ]
    await askAll(paths)
  })

  test('methods that nobody offers', async () => {
    const body = '{"a":'
    for (const { path } of await readRoutes())
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        expect([path, method, await ask(path, { method, body })]).toEqual([path, method, 404])
  })

  test.each([
    ['what is no HTTP', 'hello\r\n\r\n', /^HTTP\/1\.1 400/],
    [
      'a path out of the folder',
      'GET /../../../../etc/passwd HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      /^HTTP\/1\.1 4\d\d/,
    ],
    [
      'a header without end',
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(100_000)}`,
      /^HTTP\/1\.1 431/,
    ],
    [
      'two lengths',
      'POST /ingest/orders HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      /^HTTP\/1\.1 400/,
    ],
    [
      'a push from a page of somebody else',
      'POST /ingest/orders HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 2\r\n\r\n[]',
      /^HTTP\/1\.1 403[\s\S]*"FORBIDDEN"/,
    ],
    [
      'a push without a key',
      'POST /ingest/orders HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n[]',
      /^HTTP\/1\.1 401[\s\S]*www-authenticate: Bearer[\s\S]*"UNAUTHORIZED"/i,
    ],
    ['no host', 'GET /api/v1/wall HTTP/1.0\r\n\r\n', /^HTTP\/1\.1 403/],
    [
      'a websocket where there is none, which no limit would count',
      'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      /^HTTP\/1\.1 404[\s\S]*"NOT_FOUND"/,
    ],
    [
      'a websocket at no path at all',
      'GET /nowhere HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      /^HTTP\/1\.1 404[\s\S]*"NOT_FOUND"/,
    ],
    [
      'an upgrade to something else',
      'GET /api/v1/live HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n',
      /^HTTP\/1\.1 4\d\d/,
    ],
  ])('%s', async (_what, request, wanted) => {
    expect(await sayRaw(request)).toMatch(wanted)
  })
})

describe('the websocket', () => {
  test.each<[string, string | Buffer]>([
    ['no JSON', '{"type":'],
    ['nothing', ''],
    ['JSON of another kind', '[1,2,3]'],
    ['null', 'null'],
    ['an unknown type', '{"type":"drop"}'],
    ['a prototype', '{"__proto__":{"type":"watch"}}'],
    ['an axis that is none', '{"type":"watch","axis":"__proto__"}'],
    ['an axis of another type', '{"type":"watch","axis":{"toString":1}}'],
    ['deep JSON', `{"type":${'['.repeat(8_000)}`],
    ['deep JSON that ends', `{"type":"watch","axis":${'['.repeat(5_000)}${']'.repeat(5_000)}}`],
    ['a message of bytes', Buffer.from([0, 1, 2, 255])],
    ['more than a message may have', 'x'.repeat(20_000)],
    ['very much more', Buffer.alloc(4 * 2 ** 20)],
  ])('%s ends that connection with a reason, and no other', async (_what, message) => {
    const { socket, closed } = await openSocket()
    socket.send(message)
    // 1006: it was ended while it was still sending.
    expect([1002, 1003, 1006, 1007, 1008, 1009]).toContain(await closed)
  })

  test.each([
    ['a frame of an unknown kind', [0x8b, 0x80, 1, 2, 3, 4]],
    ['a frame without a mask', [0x81, 0x02, 0x7b, 0x7d]],
    ['reserved bits', [0xf1, 0x80, 1, 2, 3, 4]],
    ['text that is no UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
    ['a length without end', [0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 1, 2, 3, 4]],
  ])('%s', async (_what, frame) => {
    const { socket, closed } = await openSocket()
    ;(socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.from(frame))
    expect([1002, 1006, 1007, 1009]).toContain(await closed)
  })

  test('more messages than anybody needs end it too', async () => {
    const { socket, closed } = await openSocket()
    for (let i = 0; i < 200; i++) socket.send('{"type":"watch"}')
    expect(await closed).toBe(1008)
  })

  test('a wall that behaves has its numbers all the while', async () => {
    const { socket, first } = await openSocket()
    socket.send('{"type":"watch","axis":"sale","unheard-of":1}')
    expect(JSON.parse(await first)).toMatchObject({ type: 'snapshot' })
    socket.close()
  })
})

test('the house stands, and has seen no fault of its own', async () => {
  expect(await ask('/readyz')).toBe(200)
  expect(house.output()).not.toMatch(/a request failed|^ +at /m)
})

async function openSocket() {
  const socket = new WebSocket(`${house.page.replace('http', 'ws')}${LIVE_PATH}`)
  const closed = new Promise<number>((resolve) => socket.on('close', resolve))
  const first = new Promise<string>((resolve) => socket.once('message', (data) => resolve(String(data))))
  socket.on('error', () => {
    // What is sent here is wrong on purpose; how it ends is what `closed` tells.
  })
  await new Promise((resolve) => socket.once('open', resolve))
  return { socket, closed, first }
}

function sayRaw(request: string): Promise<string> {
  const socket = connect(Number(new URL(house.page).port), '127.0.0.1')
  socket.write(request)
  return new Promise((resolve) => {
    let text = ''
    socket.on('data', (data) => {
      text += data
      resolve(text)
      socket.destroy()
    })
    socket.on('error', () => resolve(text))
    socket.on('close', () => resolve(text))
  })
}
