/**
 * For looking at the page alone: serves `ui/dist` and a websocket with plausible frames. Development only.
 *   npx vite build ui && node --import tsx ui/mock/serve-mock.ts   (PORT, 4680 by default)
 */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ClientFrame } from '../../core/contracts/frames.ts'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import type { Axis, Tiles } from '../../core/contracts/tiles.ts'
import { OPENING_MINUTE, tilesAt } from './figures-of-a-day.ts'
import { scenes } from './scenes.ts'

const DIST = join(import.meta.dirname, '..', 'dist')
const KINDS: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const epoch = String(Date.now())
const clients = new Map<WebSocket, Axis>()
let seq = 1
let orders = 0
let scene = 'plain'

function currentTiles(axis: Axis): Tiles {
  const plain = tilesAt(OPENING_MINUTE + orders, axis, {
    orders,
    revenue: (39_426.18 + orders * 137.43).toFixed(4),
  })
  return { ...plain, ...scenes[scene]?.(plain) }
}

const head = () => ({
  epoch,
  seq,
  eventTime: new Date(Date.UTC(2011, 10, 17, 0, OPENING_MINUTE + orders, 5)).toISOString(),
  serverTime: new Date().toISOString(),
})
const send = (client: WebSocket, frame: object) => client.send(JSON.stringify(frame))
const snapshot = (client: WebSocket, axis: Axis) =>
  send(client, { type: 'snapshot', ...head(), set: currentTiles(axis) })

function update(): void {
  seq += 1
  for (const [client, axis] of clients)
    send(client, { type: 'update', ...head(), prev: seq - 1, set: currentTiles(axis) })
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://mock')
  if (url.pathname === '/mock/scene') {
    scene = url.searchParams.get('name') ?? 'plain'
    update()
    return response.end(`${scene}\n`)
  }
  if (url.pathname === '/mock/order') {
    orders += 1
    update()
    return response.end(`${orders}\n`)
  }
  if (url.pathname === '/mock/gap') {
    seq += 5
    update()
    return response.end('gap\n')
  }
  const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname)
  const body = await readFile(join(DIST, path)).catch(() => null)
  response.writeHead(body ? 200 : 404, { 'content-type': KINDS[extname(path)] ?? 'text/plain' })
  return response.end(body ?? 'not found')
})

new WebSocketServer({ server, path: LIVE_PATH }).on('connection', (client) => {
  client.on('close', () => clients.delete(client))
  client.on('message', (text) => {
    const frame = JSON.parse(String(text)) as ClientFrame
    if (frame.type === 'pause') return void clients.delete(client)
    if (frame.type === 'watch') clients.set(client, frame.axis)
    snapshot(client, clients.get(client) ?? 'booked')
  })
})
setInterval(() => {
  for (const client of clients.keys()) send(client, { type: 'heartbeat', ...head(), watermarks: {} })
}, 5_000)
server.listen(Number(process.env.PORT ?? 4_680), '127.0.0.1')
