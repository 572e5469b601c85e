import type { RawData, WebSocket } from 'ws'
import { type ClientFrame, clientFrame, RESYNC_REASONS, type Resume } from '../../core/contracts/frames.ts'
import { SIGNED_OUT } from '../../core/contracts/live-path.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { isLoopback } from '../auth/local-principal.ts'
import type { Principal } from '../auth/principal.ts'
import { goodbyeText } from './encode-frames.ts'
import { type Connection, Guest, type Visitor } from './guest.ts'
import type { Hub } from './hub.ts'
import { type Elsewhere, END_ABOVE_BYTES } from './live-client.ts'
import type { SocketEvents } from './tell-events.ts'
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
const CLOSE_WITHIN_MS = 1_000
/** How often it is asked whether anybody's access has ended; another process may have ended it. */
const REVIEW_INTERVAL_MS = 250
/** What ends by time alone is found by then. */
const REVIEWS_PER_FULL_ONE = 20

/** RFC 6455. */
const CLOSE = { goingAway: 1001, policy: 1008, tryAgainLater: 1013 } as const

export interface Doorman {
  /** Of all websockets, those too that have not been let in. */
  readonly events: SocketEvents
  accept(connection: Connection, visitor: Visitor): void
  /** Looks at once whose access has ended. */
  review(): void
  /** Says goodbye to everybody. */
  dismissAll(reason: string): void
  stop(): void
}

export interface DoormanOptions {
  hub: Hub
  clock: Clock
  logger: Logger
  metrics: ApiMetrics
  limits?: Partial<LiveLimits> | undefined
  tenants: number
  /** Whether the access of those who came in may have ended, and whose has. Default: it never does. */
  access?: { state(): string; isStill(principal: Principal): boolean } | undefined
}

export function createDoorman({
  hub,
  clock,
  logger,
  metrics,
  tenants,
  access,
  ...options
}: DoormanOptions): Doorman {
  const limits = { ...LIVE_LIMITS, ...options.limits }
  const open = new Map<WebSocket, Guest>()
  let reviews = 0
  let reviewed = access?.state()
  const reviewing = setInterval(watch, REVIEW_INTERVAL_MS)

  function watch(): void {
    reviews += 1
    const nowMs = wholeMs()
    for (const guest of open.values()) watchOver(guest, nowMs)
    if (access === undefined) return
    if (reviews % REVIEWS_PER_FULL_ONE === 0 || access.state() !== reviewed) review()
  }

  function watchOver(guest: Guest, nowMs: number): void {
    // A paused one is sent nothing, so that nobody else would find what piles up for it.
    if (guest.bufferedAmount > END_ABOVE_BYTES) drop(guest.socket, 'slow')
    else if (guest.askByMs !== null && nowMs > guest.askByMs) refuse(guest, 'nothing was asked for', 'silent')
    else if (nowMs >= guest.pingAtMs) ping(guest, nowMs)
  }

  function ping(guest: Guest, nowMs: number): void {
    if (guest.unanswered >= 2) {
      // It is gone, or reads nothing.
      drop(guest.socket, 'silent')
      return
    }
    guest.unanswered += 1
    guest.pingAtMs = nowMs + limits.pingIntervalMs
    guest.socket.ping()
  }

  function review(): void {
    if (access === undefined) return
    reviewed = access.state()
    for (const { socket, principal } of open.values()) {
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
    const count = (isSame: (guest: Guest) => boolean) => {
      let same = 0
      for (const guest of open.values()) if (isSame(guest)) same += 1
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
    { socket }: Guest,
    reason: string,
    counted: 'invalid' | 'flood' | 'silent' = 'invalid',
  ): void {
    if (socket.readyState !== socket.OPEN) return
    metrics.clientsDropped.inc({ reason: counted })
    dismiss(socket, CLOSE.policy, reason)
  }

  function watchView(guest: Guest, { axis, resume }: Extract<ClientFrame, { type: 'watch' }>): void {
    const { tenant } = guest.principal
    const another = guest.view !== undefined
    const asked = ++guest.asks
    guest.view?.fanOut.detach(guest)
    const view = hub.view(tenant, axis)
    guest.view = view
    const isOurs = resume === undefined || resume.epoch === view.state.epoch
    const recalling = isOurs || !resume.elsewhere ? undefined : view.memory?.recall(resume)
    if (recalling === undefined) begin(guest, view, { another, resume })
    void recalling?.then((held) => {
      if (asked !== guest.asks) return
      guest.view = hub.view(tenant, axis)
      begin(guest, guest.view, { another, resume: held ?? resume })
    })
  }

  function begin(
    guest: Guest,
    view: View,
    { another, resume }: { another: boolean; resume: Resume | Elsewhere | undefined },
  ): void {
    const start = view.fanOut.attach(guest, clock.now(), resume)
    if (start === 'moved') metrics.resumes.inc({ reason: 'moved' })
    else if (start === 'resume') metrics.resumes.inc({ reason: guest.isPaused ? 'return' : 'reconnect' })
    else metrics.snapshots.inc({ reason: another && start === 'first' ? 'axis' : start })
    guest.isPaused = false
    view.fanOut.flush(clock.now())
  }

  function handle(guest: Guest, frame: ClientFrame): void {
    guest.askByMs = null
    if (frame.type === 'watch') watchView(guest, frame)
    else if (guest.view === undefined) refuse(guest, 'watch comes first')
    else if (frame.type === 'pause') pause(guest, guest.view)
    else resync(guest, guest.view, frame.reason)
  }

  /** A view that nobody else watches is let go after a minute: a wall that nobody sees asks ClickHouse nothing. */
  function pause(guest: Guest, view: View): void {
    view.fanOut.detach(guest)
    guest.view = undefined
    guest.asks += 1
    guest.isPaused = true
  }

  function resync(guest: Guest, view: View, reason: string): void {
    metrics.resyncs.inc({ reason: RESYNC_REASONS.find((known) => known === reason) ?? 'other' })
    metrics.snapshots.inc({ reason: 'resync' })
    guest.owed = 'snapshot'
    guest.elsewhere = null
    view.fanOut.flush(clock.now())
  }

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const guest = open.get(this)
    // After a goodbye nothing is listened to.
    if (guest === undefined || this.readyState !== this.OPEN) return
    if (!guest.takeMessage(clock.now())) {
      refuse(guest, 'too many messages', 'flood')
      return
    }
    const frame = isBinary ? undefined : parseFrame(String(data))
    if (frame === undefined) refuse(guest, 'not a message of this protocol')
    else handle(guest, frame)
  }

  // Each is answered, by the socket itself: one who floods and never reads would fill our memory with answers.
  function onPing(this: WebSocket): void {
    if (open.get(this)?.takeMessage(clock.now()) === false) drop(this, 'flood')
  }

  function onPong(this: WebSocket): void {
    const guest = open.get(this)
    if (guest !== undefined) guest.unanswered = 0
  }

  function onClose(this: WebSocket): void {
    const guest = open.get(this)
    if (guest === undefined) return
    guest.asks += 1
    guest.view?.fanOut.detach(guest)
    open.delete(this)
    metrics.clients.set(open.size)
  }

  function onError(this: WebSocket, error: Error): void {
    // What a browser breaks is no fault of ours, and nobody may fill the log with stacks.
    const code = errorCode(error)
    const isTheirs = code?.startsWith('WS_ERR_')
    logger.warn('a live client broke', isTheirs ? { why: errorMessage(error) } : { error })
    metrics.clientsDropped.inc({ reason: code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'huge' : 'invalid' })
    this.terminate()
  }

  return {
    events: { message: onMessage, ping: onPing, pong: onPong, close: onClose, error: onError },
    accept({ socket, wire }, visitor) {
      const { principal } = visitor
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
      const nowMs = wholeMs()
      const guest = new Guest(socket, wire, visitor)
      guest.askByMs = nowMs + WATCH_WITHIN_MS
      // Not all of a crowd that came at once in one moment.
      guest.pingAtMs = nowMs + Math.floor(limits.pingIntervalMs * (0.5 + Math.random() / 2))
      open.set(socket, guest)
      metrics.clients.set(open.size)
    },
    review,
    dismissAll(reason) {
      for (const socket of open.keys()) dismiss(socket, CLOSE.goingAway, reason)
    },
    stop: () => clearInterval(reviewing),
  }
}

const wholeMs = () => Math.floor(performance.now())

function parseFrame(text: string): ClientFrame | undefined {
  try {
    return clientFrame.safeParse(JSON.parse(text)).data
  } catch {
    // Not JSON; the caller says so.
    return undefined
  }
}
