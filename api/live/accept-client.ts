import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { type ClientFrame, clientFrame, RESYNC_REASONS, type Resume } from '../../core/contracts/frames.ts'
import { SIGNED_OUT } from '../../core/contracts/live-path.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { isLoopback } from '../auth/local-principal.ts'
import type { Principal } from '../auth/principal.ts'
import { goodbyeText } from './encode-frames.ts'
import type { Hub } from './hub.ts'
import { type ClientSocket, createLiveClient, type Elsewhere, END_ABOVE_BYTES } from './live-client.ts'
import type { View } from './view.ts'

/** Bytes of a message of a client; they are short. */
export const MAX_CLIENT_MESSAGE_BYTES = 16 * 1_024
/** Open websockets; one more is sent away with a reason, and those that are there notice nothing. */
export interface LiveLimits {
  clients: number
  /** Of one tenant, where there are several: it leaves room for the others. */
  ofTenant: number
  /** From one address, this machine's own apart: a proxy asks from there for everybody. */
  ofAddress: number
  /** Of one session. */
  ofPass: number
  pingIntervalMs: number
}
export const LIVE_LIMITS: LiveLimits = {
  clients: 1_000,
  ofTenant: 700,
  ofAddress: 300,
  ofPass: 30,
  // A connection whose other end is gone takes TCP minutes to notice.
  pingIntervalMs: 15_000,
}
/** The same proportions for another number of walls. */
export function limitsFor(clients: number): Partial<LiveLimits> {
  const share = clients / LIVE_LIMITS.clients
  return {
    clients,
    ofTenant: Math.ceil(LIVE_LIMITS.ofTenant * share),
    ofAddress: Math.ceil(LIVE_LIMITS.ofAddress * share),
  }
}
/** A client that never says what it wants to see. */
const WATCH_WITHIN_MS = 10_000
const MAX_MESSAGES_PER_SECOND = 20
const CLOSE_WITHIN_MS = 1_000
/** How often it is asked whether anybody's access has ended; another process may have ended it. */
const REVIEW_INTERVAL_MS = 250
/** What ends by time alone is found by then. */
const REVIEWS_PER_FULL_ONE = 20

/** RFC 6455. */
const CLOSE = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const

export interface Doorman {
  accept(connection: Connection, visitor: Visitor): void
  /** Looks at once whose access has ended. */
  review(): void
  /** Says goodbye to everybody. */
  dismissAll(reason: string): void
  stop(): void
}

export interface Connection {
  socket: WebSocket
  /** Below it. What the hub says is written there as whole frames; nothing is compressed, so that `ws` writes at once too. */
  wire: Pick<Socket, 'write' | 'writableLength'>
}

export interface Visitor {
  principal: Principal
  address: string
}

export interface DoormanOptions {
  hub: Hub
  clock: Clock
  metrics: ApiMetrics
  limits?: Partial<LiveLimits> | undefined
  tenants: number
  /** Whether the access of those who came in may have ended, and whose has. Default: it never does. */
  access?: { state(): string; isStill(principal: Principal): boolean } | undefined
}

export function createDoorman({ hub, clock, metrics, tenants, access, ...options }: DoormanOptions): Doorman {
  const limits = { ...LIVE_LIMITS, ...options.limits }
  const open = new Map<WebSocket, Visitor>()
  let reviews = 0
  let reviewed = access?.state()
  const reviewing = setInterval(watch, REVIEW_INTERVAL_MS)

  function watch(): void {
    reviews += 1
    // A paused one is sent nothing, so that nobody else would find what piles up for it.
    for (const socket of open.keys()) if (socket.bufferedAmount > END_ABOVE_BYTES) drop(socket, 'slow')
    if (access === undefined) return
    if (reviews % REVIEWS_PER_FULL_ONE === 0 || access.state() !== reviewed) review()
  }

  function review(): void {
    if (access === undefined) return
    reviewed = access.state()
    for (const [socket, { principal }] of open) {
      if (socket.readyState !== socket.OPEN || access.isStill(principal)) continue
      metrics.clientsDropped.inc({ reason: 'ended' })
      dismiss(socket, CLOSE.policy, SIGNED_OUT)
    }
  }

  function drop(socket: WebSocket, reason: string): void {
    metrics.clientsDropped.inc({ reason })
    socket.terminate()
  }

  /** Why there is no room for one more; undefined: there is. */
  function fullFor({
    principal: { tenant, pass },
    address,
  }: Visitor): 'full' | 'tenant' | 'address' | 'pass' | undefined {
    const count = (isSame: (visitor: Visitor) => boolean) => {
      let same = 0
      for (const visitor of open.values()) if (isSame(visitor)) same += 1
      return same
    }
    if (open.size >= limits.clients) return 'full'
    if (tenants > 1 && count(({ principal }) => principal.tenant === tenant) >= limits.ofTenant)
      return 'tenant'
    if (!isLoopback(address) && count((each) => each.address === address) >= limits.ofAddress)
      return 'address'
    if (pass && count(({ principal }) => principal.pass?.key === pass.key) >= limits.ofPass) return 'pass'
    return undefined
  }

  function dismiss(socket: WebSocket, code: number, reason: string): void {
    socket.send(goodbyeText(reason))
    socket.close(code, reason.slice(0, 100))
    // A client that does not answer the close must not hold up a shutdown.
    const timer = setTimeout(() => socket.terminate(), CLOSE_WITHIN_MS)
    socket.once('close', () => clearTimeout(timer))
  }

  function refuse(
    socket: WebSocket,
    reason: string,
    counted: 'invalid' | 'flood' | 'silent' = 'invalid',
  ): void {
    metrics.clientsDropped.inc({ reason: counted })
    dismiss(socket, CLOSE.policy, reason)
  }

  return {
    // Handlers are attached before anything is awaited: a message that comes first is not lost.
    accept({ socket, wire }, visitor) {
      const { principal } = visitor
      socket.on('error', (error) => {
        // `close` follows; what a browser breaks is no fault of ours.
        const isHuge = errorCode(error) === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
        metrics.clientsDropped.inc({ reason: isHuge ? 'huge' : 'invalid' })
      })
      // It may have ended while the connection was upgraded, when no review could see it.
      if (access?.isStill(principal) === false) {
        metrics.clientsDropped.inc({ reason: 'ended' })
        return dismiss(socket, CLOSE.policy, SIGNED_OUT)
      }
      const full = fullFor(visitor)
      if (full !== undefined) {
        metrics.clientsDropped.inc({ reason: full })
        return dismiss(socket, CLOSE.tryAgainLater, 'the server has as many walls as it can')
      }
      open.set(socket, visitor)
      metrics.clients.set(open.size)
      const client = createLiveClient(writerOf(socket, wire))
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
      const impatience = setTimeout(() => refuse(socket, 'nothing was asked for', 'silent'), WATCH_WITHIN_MS)
      const endPings = keepAlive(socket, limits.pingIntervalMs, () => drop(socket, 'silent'))
      socket.on('message', (data, isBinary) => {
        // After a goodbye nothing is listened to.
        if (socket.readyState !== socket.OPEN) return
        if (!budget.take()) return refuse(socket, 'too many messages', 'flood')
        const frame = isBinary ? undefined : parseFrame(String(data))
        if (frame === undefined) return refuse(socket, 'not a message of this protocol')
        handle(frame)
      })
      // Each is answered, by the socket itself: one who floods and never reads would fill our memory with answers.
      socket.on('ping', () => {
        if (!budget.take()) drop(socket, 'flood')
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
    review,
    dismissAll(reason) {
      for (const socket of open.keys()) dismiss(socket, CLOSE.goingAway, reason)
    },
    stop: () => clearInterval(reviewing),
  }
}

function writerOf(socket: WebSocket, wire: Connection['wire']): ClientSocket {
  return {
    get bufferedAmount() {
      return wire.writableLength
    },
    write(frame) {
      // After a close frame nothing may follow.
      if (socket.readyState === socket.OPEN) wire.write(frame)
    },
    terminate: () => socket.terminate(),
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

/** Ends a connection that left two pings without an answer: it is gone, or reads nothing. */
function keepAlive(socket: WebSocket, intervalMs: number, onGone: () => void): () => void {
  let unanswered = 0
  const timer = setInterval(() => {
    if (unanswered >= 2) return onGone()
    unanswered += 1
    socket.ping()
  }, intervalMs)
  socket.on('pong', () => {
    unanswered = 0
  })
  return () => clearInterval(timer)
}
