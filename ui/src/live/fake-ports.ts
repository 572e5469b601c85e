/** For tests: a server, a clock and timers in one hand. */
import type { Tiles } from '../../../core/contracts/tiles.ts'
import type { LivePorts, SocketHandlers } from './live-connection.ts'

type Timer = { atMs: number; everyMs: number | null; run: () => void }
export type FakeSocket = {
  handlers: SocketHandlers
  sent: { type: string; axis?: string; reason?: string; resume?: { epoch: string; seq: number } }[]
  closed: boolean
}

export function fakePorts() {
  let now = 0
  const timers = new Set<Timer>()
  const sockets: FakeSocket[] = []
  const start = (timer: Timer) => {
    timers.add(timer)
    return () => {
      timers.delete(timer)
    }
  }
  const ports: LivePorts = {
    nowMs: () => now,
    random: () => 0.5,
    after: (ms, run) => start({ atMs: now + ms, everyMs: null, run }),
    every: (ms, run) => start({ atMs: now + ms, everyMs: ms, run }),
    openSocket(handlers) {
      const socket: FakeSocket = { handlers, sent: [], closed: false }
      sockets.push(socket)
      return {
        send: (text) => socket.sent.push(JSON.parse(text)),
        close: () => {
          socket.closed = true
        },
      }
    },
  }
  /** Lets time pass; timers run in order, those that they start too. */
  function advance(ms: number): void {
    const end = now + ms
    for (;;) {
      const next = [...timers].filter(({ atMs }) => atMs <= end).sort((a, b) => a.atMs - b.atMs)[0]
      if (!next) break
      now = next.atMs
      if (next.everyMs === null) timers.delete(next)
      else next.atMs += next.everyMs
      next.run()
    }
    now = end
  }
  return { ports, sockets, advance, last: () => sockets[sockets.length - 1] as FakeSocket }
}

const head = (seq: number, epoch: string) => ({
  epoch,
  seq,
  eventTime: '2011-11-17T14:32:05Z',
  serverTime: '2026-01-01T00:00:00Z',
})
export const snapshotText = (seq: number, set: Partial<Tiles> = {}, epoch = 'e1') =>
  JSON.stringify({ type: 'snapshot', ...head(seq, epoch), set })
export const updateText = (prev: number, seq: number, set: Partial<Tiles> = {}, epoch = 'e1') =>
  JSON.stringify({ type: 'update', ...head(seq, epoch), prev, set })
/** What another process sends to a wall that held `prev` of the epoch `from`. */
export const movedText = (from: string, prev: number, seq: number, set: Partial<Tiles> = {}, epoch = 'e2') =>
  JSON.stringify({ type: 'update', ...head(seq, epoch), prev, from, set })
export const heartbeatText = (seq: number, epoch = 'e1', checksum?: string) =>
  JSON.stringify({
    type: 'heartbeat',
    ...head(seq, epoch),
    watermarks: { hero: '2011-11-17T14:32:05Z' },
    checksum,
  })

export const products = (revenue: string): Tiles['products'] => [{ sku: 'a', name: 'A', revenue, units: '1' }]
