/**
 * The rival: a process that is one wall itself, and sends each message that it gets to all that are connected, by `ws`
 * alone. No state, no limits, no tenants. `node bare.ts URL_OF_THE_WALL FIRST_MESSAGE` writes its port.
 */
import { createRequire } from 'node:module'
import type * as Ws from 'ws'

// `ws` comes with @fastify/websocket.
const { WebSocket, WebSocketServer } = createRequire(import.meta.resolve('@fastify/websocket'))(
  'ws',
) as typeof Ws

const [url = '', first = ''] = process.argv.slice(2)
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('listening', () => console.log((server.address() as { port: number }).port))
const wall = new WebSocket(url)
wall.on('open', () => wall.send(first))
wall.on('message', (data: Buffer) => {
  for (const client of server.clients) client.send(data, { binary: false })
})
wall.on('close', () => process.exit(0))
