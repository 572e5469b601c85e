/** A wall that only counts: when did a frame first show at least so many of something today? */
import { once } from 'node:events'
import { createRequire } from 'node:module'
import type WebSocketType from 'ws'
import type { ServerFrame } from '../core/contracts/frames.ts'
import type { Figures } from '../core/contracts/tiles.ts'

// `ws` comes with @fastify/websocket.
const { WebSocket } = createRequire(import.meta.resolve('@fastify/websocket'))('ws') as {
  WebSocket: typeof WebSocketType
}

const GIVE_UP_MS = 30_000

export interface Watch {
  /** Resolves with when (of `performance`) the figure was first seen at or above `wanted`. */
  reached(wanted: number): Promise<number>
  close(): void
}

export async function watchFigure(url: string, figureOf: (today: Figures) => number): Promise<Watch> {
  const waiting = new Map<number, (at: number) => void>()
  const socket = new WebSocket(url)
  await once(socket, 'open')
  socket.on('message', (data) => {
    const at = performance.now()
    const frame = JSON.parse(String(data)) as ServerFrame
    const today = 'set' in frame ? frame.set.hero?.today : undefined
    if (today === undefined) return
    const figure = figureOf(today)
    for (const [wanted, resolve] of waiting) {
      if (wanted > figure) continue
      waiting.delete(wanted)
      resolve(at)
    }
  })
  socket.send(JSON.stringify({ type: 'watch', axis: 'booked' }))
  return {
    reached: (wanted) =>
      new Promise<number>((resolve, reject) => {
        waiting.set(wanted, resolve)
        setTimeout(() => reject(new Error(`no frame showed ${wanted}`)), GIVE_UP_MS).unref()
      }),
    close: () => socket.close(),
  }
}
