import type { WebSocket } from 'ws'
import { type ClientFrame, clientFrame, RESYNC_REASONS, type Resume } from '../../core/contracts/frames.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import type { Principal } from '../auth/principal.ts'
import { goodbyeText } from './encode-frames.ts'
import type { Hub } from './hub.ts'
import { createLiveClient, type Elsewhere } from './live-client.ts'
import type { View } from './view.ts'

/** Bytes of a message of a client; they are short. */
export const MAX_CLIENT_MESSAGE_BYTES = 16 * 1_024
/** Open websockets; one more is sent away with a reason. */
export const MAX_CLIENTS = 1_000
/** A client that never says what it wants to see. */
const WATCH_WITHIN_MS = 10_000
const MAX_MESSAGES_PER_SECOND = 20
/** A connection whose other end is gone takes TCP minutes to notice. */
const PING_INTERVAL_MS = 15_000

const CLOSE_WITHIN_MS = 1_000

/** RFC 6455. */
const CLOSE = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const

export interface Doorman {
  accept(socket: WebSocket, principal: Principal): void
  /** Says goodbye to everybody. */
  dismissAll(reason: string): void
}

export function createDoorman(options: { hub: Hub; clock: Clock; metrics: ApiMetrics }): Doorman {
  const { hub, clock, metrics } = options
  const open = new Set<WebSocket>()

  function dismiss(socket: WebSocket, code: number, reason: string): void {
    socket.send(goodbyeText(reason))
    socket.close(code, reason.slice(0, 100))
    // A client that does not answer the close must not hold up a shutdown.
    const timer = setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS)
    socket.once('close', () => clearTimeout(timer))
  }

  function refuse(socket: WebSocket, reason: string): void {
    metrics.clientsDropped.inc({ reason: 'invalid' })
    dismiss(socket, CLOSE.policy, reason)
  }

  return {
    // Handlers are attached before anything is awaited: a message that comes first is not lost.
    accept(socket, principal) {
      socket.on('error', () => {
        // `close` follows; what a browser breaks is no fault of ours.
      })
      if (open.size >= MAX_CLIENTS) {
        metrics.clientsDropped.inc({ reason: 'full' })
        return dismiss(socket, CLOSE.tryAgainLater, 'the server has as many walls as it can')
      }
      open.add(socket)
      metrics.clients.set(open.size)
      const client = createLiveClient(socket)
      const budget = messageBudget(clock)
      let view: View | undefined
      let paused = false
      /** Counts what it asked for: an answer of Redis that comes after the next question is of no use. */
      let asks = 0

      const watch = ({ axis, resume }: Extract<ClientFrame, { type: 'watch' }>) => {
        const another = view !== undefined
        const asked = ++asks
        view?.fanOut.detach(client)
        view = hub.view(principal.tenant, axis)
        const isOurs = resume === undefined || resume.epoch === view.state.epoch
        const recalling = isOurs || !resume.elsewhere ? undefined : view.memory?.recall(resume)
        if (recalling === undefined) return begin(view, another, resume)
        void recalling.then((held) => {
          if (asked !== asks) return
          view = hub.view(principal.tenant, axis)
          begin(view, another, held ?? resume)
        })
      }
      const begin = (from: View, another: boolean, resume: Resume | Elsewhere | undefined) => {
        const start = from.fanOut.attach(client, clock.now(), resume)
        if (start === 'moved') metrics.resumes.inc({ reason: 'moved' })
        else if (start === 'resume') metrics.resumes.inc({ reason: paused ? 'return' : 'reconnect' })
        else metrics.snapshots.inc({ reason: another && start === 'first' ? 'axis' : start })
        paused = false
        from.fanOut.flush(clock.now())
      }
      const handle = (frame: ClientFrame) => {
        clearTimeout(impatience)
        if (frame.type === 'watch') return watch(frame)
        if (view === undefined) return refuse(socket, 'watch comes first')
        if (frame.type === 'pause') {
          // A view that nobody else watches is let go after a minute: a wall that nobody sees asks ClickHouse nothing.
          view.fanOut.detach(client)
          view = undefined
          asks += 1
          paused = true
          return
        }
        metrics.resyncs.inc({ reason: RESYNC_REASONS.find((known) => known === frame.reason) ?? 'other' })
        metrics.snapshots.inc({ reason: 'resync' })
        client.owed = 'snapshot'
        client.elsewhere = null
        view.fanOut.flush(clock.now())
      }
      const impatience = setTimeout(() => refuse(socket, 'nothing was asked for'), WATCH_WITHIN_MS)
      const endPings = keepAlive(socket)
      socket.on('message', (data, isBinary) => {
        // After a goodbye nothing is listened to.
        if (socket.readyState !== socket.OPEN) return
        if (!budget.take()) return refuse(socket, 'too many messages')
        const frame = isBinary ? undefined : parseFrame(String(data))
        if (frame === undefined) return refuse(socket, 'not a message of this protocol')
        handle(frame)
      })
      socket.on('close', () => {
        clearTimeout(impatience)
        endPings()
        asks += 1
        view?.fanOut.detach(client)
        open.delete(socket)
        metrics.clients.set(open.size)
      })
    },
    dismissAll(reason) {
      for (const socket of open) dismiss(socket, CLOSE.goingAway, reason)
    },
  }
}

function parseFrame(text: string): ClientFrame | undefined {
  try {
    return clientFrame.safeParse(JSON.parse(text)).data
  } catch {
    // Not JSON; the caller says so.
    return undefined
  }
}

function messageBudget(clock: Clock) {
  let second = 0
  let taken = 0
  return {
    take(): boolean {
      const now = Math.floor(clock.now() / 1_000)
      if (now !== second) taken = 0
      second = now
      taken += 1
      return taken <= MAX_MESSAGES_PER_SECOND
    },
  }
}

/** Ends a connection that left two pings without an answer. */
function keepAlive(socket: WebSocket): () => void {
  let unanswered = 0
  const timer = setInterval(() => {
    if (unanswered >= 2) return socket.terminate()
    unanswered += 1
    socket.ping()
  }, PING_INTERVAL_MS)
  socket.on('pong', () => {
    unanswered = 0
  })
  return () => clearInterval(timer)
}
