/** A wall that only counts: when did a frame first show at least n orders today? */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type WebSocketType from 'ws'
import type { ServerFrame } from '../core/contracts/frames.ts'

// `ws` comes with @fastify/websocket.
const { WebSocket } = createRequire(import.meta.resolve('@fastify/websocket'))('ws') as {
  WebSocket: typeof WebSocketType
}

const GIVE_UP_MS = 30_000

export async function watchOrders(url: string) {
  const waiting = new Map<number, (at: number) => void>()
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.on('message', (data) => {
    const at = performance.now()
    const frame = JSON.parse(String(data)) as ServerFrame
    const orders = 'set' in frame ? frame.set.hero?.today.orders : undefined
    if (orders === undefined) return
    for (const [wanted, resolve] of waiting) {
      if (wanted > orders) continue
      waiting.delete(wanted)
      resolve(at)
    }
  })
  socket.send(JSON.stringify({ type: 'watch', axis: 'booked' }))
  return {
    reached: (orders: number) =>
      new Promise<number>((resolve, reject) => {
        waiting.set(orders, resolve)
        setTimeout(() => reject(new Error(`no frame showed ${orders} orders`)), GIVE_UP_MS).unref()
      }),
    close: () => socket.close(),
  }
}
