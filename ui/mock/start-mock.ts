/** Serves `ui/dist`, a websocket with plausible frames, and what the dialogs ask for. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ClientFrame } from '../../core/contracts/frames.ts'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import type { Axis, Tiles } from '../../core/contracts/tiles.ts'
import { answerOf } from './answers.ts'
import { OPENING_MINUTE, tilesAt } from './figures-of-a-day.ts'
import { scenes } from './scenes.ts'

const DIST = join(import.meta.dirname, '..', 'dist')
const DOOR_PATHS = ['/login', '/tv', '/share']
const HEARTBEAT_MS = 5_000
const KINDS: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
}

export interface Mock {
  url: string
  /** A state of `scenes.ts`, or `offline`. */
  show(scene: string): void
  order(): void
  gap(): void
  /** Another life of the server: another epoch. */
  restart(): void
  /** Whether a user with all rights looks, or whoever is on the machine. */
  logIn(isUser: boolean): void
  /** Another index.html than the built one, as after an upgrade; null: the built one. */
  upgrade(change: ((html: string) => string) | null): void
  close(): Promise<void>
}

export async function startMock(port = 0): Promise<Mock> {
  let life = 1
  const clients = new Map<WebSocket, Axis>()
  let seq = 1
  let orders = 0
  let scene = 'plain'
  let isUser = false
  let upgraded: ((html: string) => string) | null = null

  const head = () => ({
    epoch: `life ${life}`,
    seq,
    eventTime: new Date(Date.UTC(2011, 10, 17, 0, OPENING_MINUTE + orders, 5)).toISOString(),
    serverTime: new Date().toISOString(),
  })
  const send = (client: WebSocket, frame: object) => client.send(JSON.stringify(frame))

  function currentTiles(axis: Axis): Partial<Tiles> {
    const revenue = (39_426.18 + orders * 137.43).toFixed(4)
    const plain = tilesAt(OPENING_MINUTE + orders, axis, { orders, revenue })
    const tiles: Partial<Tiles> = { ...plain, ...scenes[scene]?.(plain) }
    // What a server has that has not read its numbers yet: the wall keeps those that it holds, and says so.
    if (scene === 'resyncing') delete tiles.hero
    return tiles
  }
  function snapshot(client: WebSocket, axis: Axis): void {
    send(client, { type: 'snapshot', ...head(), set: currentTiles(axis) })
  }
  function update(): void {
    seq += 1
    for (const [client, axis] of clients) {
      if (scene === 'offline') client.terminate()
      else if (scene === 'resyncing') snapshot(client, axis)
      else send(client, { type: 'update', ...head(), prev: seq - 1, set: currentTiles(axis) })
    }
  }

  const acts = {
    show(name: string) {
      scene = name
      update()
    },
    order() {
      orders += 1
      update()
    },
    gap() {
      seq += 5
      update()
    },
    restart() {
      life += 1
      for (const client of clients.keys()) client.terminate()
    },
    logIn(next: boolean) {
      isUser = next
    },
    upgrade(change: typeof upgraded) {
      upgraded = change
    },
  }
  const byPath: Readonly<Record<string, (query: URLSearchParams) => void>> = {
    '/mock/scene': (query) => acts.show(query.get('name') ?? 'plain'),
    '/mock/order': acts.order,
    '/mock/gap': acts.gap,
    '/mock/restart': acts.restart,
    '/mock/login': (query) => acts.logIn(query.get('user') !== 'no'),
  }

  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://mock')
    const act = byPath[pathname]
    if (act) {
      act(searchParams)
      return response.end('done\n')
    }
    if (pathname.startsWith('/api/')) {
      const { status, body } = answerOf(pathname, searchParams, isUser)
      response.writeHead(status, { 'content-type': 'application/json' })
      return response.end(JSON.stringify(body))
    }
    const file = pathname === '/' ? '/index.html' : DOOR_PATHS.includes(pathname) ? '/door.html' : pathname
    const body = await readFile(join(DIST, normalize(file))).catch(() => null)
    response.writeHead(body ? 200 : 404, { 'content-type': KINDS[extname(file)] ?? 'text/plain' })
    return response.end(body && file === '/index.html' && upgraded ? upgraded(String(body)) : (body ?? ''))
  })
  new WebSocketServer({ server, path: LIVE_PATH }).on('connection', (client) => {
    if (scene === 'offline') return client.terminate()
    client.on('close', () => clients.delete(client))
    client.on('message', (text) => {
      const frame = JSON.parse(String(text)) as ClientFrame
      if (frame.type === 'pause') return void clients.delete(client)
      if (frame.type === 'watch') clients.set(client, frame.axis)
      snapshot(client, clients.get(client) ?? 'booked')
    })
  })
  const beating = setInterval(() => {
    for (const client of clients.keys()) send(client, { type: 'heartbeat', ...head(), watermarks: {} })
  }, HEARTBEAT_MS)
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))

  return {
    ...acts,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      clearInterval(beating)
      for (const client of clients.keys()) client.terminate()
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
