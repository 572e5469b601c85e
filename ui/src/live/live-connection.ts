/**
 * Keeps one websocket to the server alive and the state whole: connects, watches an axis, asks for a snapshot on every
 * doubt, and comes back by itself, with what differs since if the server still knows. Clock, timers, random and socket are
 * arguments, so that tests can drive them.
 *
 * A hidden tab tells the server to pause rather than close: the server then works for it no more than for a closed one
 * (nothing is sent, nothing read for it alone), and the return costs one question instead of a handshake before it. A
 * connection that ends meanwhile is opened again on return and not before.
 */
import type { ClientFrame } from '../../../core/contracts/frames.ts'
import { HEARTBEAT_INTERVAL_MS, type ResyncReason } from '../../../core/contracts/live-path.ts'
import type { Axis } from '../../../core/contracts/tiles.ts'
import { type DataFrame, parseFrame } from './parse-frame.ts'
import { reconnectDelayMs } from './reconnect-delay.ts'
import { applyFrame, emptyWall, type WallState } from './wall-state.ts'

/** Two heartbeats and some: a server that says nothing for so long is gone, whatever TCP believes. */
export const SILENCE_LIMIT_MS = 2 * HEARTBEAT_INTERVAL_MS + 2_000
/** A state that was asked for and does not come: the connection is started anew. */
export const SNAPSHOT_LIMIT_MS = 5_000
const CHECK_INTERVAL_MS = 1_000

export type SocketHandlers = { onOpen(): void; onMessage(data: unknown): void; onClose(): void }
export type LiveSocket = { send(text: string): void; close(): void }

export type LivePorts = {
  openSocket(handlers: SocketHandlers): LiveSocket
  /** Monotonic milliseconds. */
  nowMs(): number
  /** Both return a function that cancels. */
  after(ms: number, run: () => void): () => void
  every(ms: number, run: () => void): () => void
  random(): number
}

export type LiveConnection = {
  setAxis(axis: Axis): void
  /** A hidden tab drops what comes and changes nothing; a shown one asks for what it missed. */
  setHidden(hidden: boolean): void
  stop(): void
}

export function connectLive(
  ports: LivePorts,
  axis: Axis,
  onChange: (state: WallState) => void,
): LiveConnection {
  let state = emptyWall(axis)
  let socket: LiveSocket | null = null
  let opened = false
  let hidden = false
  let attempt = 0
  let lastMessageMs = 0
  /** When the outstanding state was asked for; null when none is. At most one is, so a bad server cannot make us loop. */
  let askedAtMs: number | null = null
  /** An update may be the answer: it was asked for with the state that we hold. */
  let resuming = false
  let cancelRetry = () => {}

  const change = (next: WallState) => {
    state = next
    // Nobody looks; what has changed is told on return.
    if (!hidden) onChange(state)
  }
  const send = (frame: ClientFrame) => socket?.send(JSON.stringify(frame))

  function open(): void {
    // Events of a socket that was given up may still be on their way; only those of the newest count.
    const current: LiveSocket = ports.openSocket({
      onOpen: () => current === socket && greet(),
      onMessage: (data) => current === socket && receive(data),
      onClose: () => current === socket && lose(),
    })
    socket = current
    opened = false
    lastMessageMs = ports.nowMs()
  }

  function greet(): void {
    opened = true
    lastMessageMs = ports.nowMs()
    watch()
  }

  /** The state that we hold goes along; of another axis, or a hub that nobody knows, it is of no use, and the server sees that. */
  function watch(): void {
    const resume = state.epoch === '' ? undefined : { epoch: state.epoch, seq: state.seq, elsewhere: true }
    ask({ type: 'watch', axis: state.axis, resume })
  }

  function receive(data: unknown): void {
    lastMessageMs = ports.nowMs()
    if (hidden) return
    const frame = parseFrame(data)
    if (frame === null) {
      change({ ...state, malformedFrames: state.malformedFrames + 1 })
      resync('malformed')
    } else if (frame.type === 'goodbye') {
      lose(frame.reason)
    } else {
      apply(frame)
    }
  }

  function apply(frame: DataFrame): void {
    // Until the answer has come, what frames say belongs to a state that we do not have.
    if (askedAtMs !== null && !isAnswer(frame)) return
    const { state: next, gap } = applyFrame(state, frame, ports.nowMs())
    if (gap !== null) {
      state = next
      resync(gap)
      return
    }
    if (frame.type !== 'heartbeat') {
      askedAtMs = null
      attempt = 0
    }
    change(next)
  }

  /** After a change of axis, a frame of the old one may still be on its way; it is not the answer. */
  function isAnswer(frame: DataFrame): boolean {
    if (frame.type === 'snapshot') return frame.set.hero === undefined || frame.set.hero.axis === state.axis
    return frame.type === 'update' && resuming && applyFrame(state, frame, 0).gap === null
  }

  function resync(reason: ResyncReason): void {
    if (!opened || askedAtMs !== null) return
    ask({ type: 'resync', reason })
    change({ ...state, phase: awaiting(), resyncs: state.resyncs + 1 })
  }

  function ask(frame: ClientFrame): void {
    askedAtMs = ports.nowMs()
    resuming = frame.type === 'watch' && frame.resume !== undefined
    send(frame)
  }

  const awaiting = () => (state.epoch === '' ? 'connecting' : 'resyncing')

  function lose(farewell = ''): void {
    const lost = socket
    socket = null
    opened = false
    askedAtMs = null
    lost?.close()
    cancelRetry()
    if (!hidden) cancelRetry = ports.after(reconnectDelayMs(attempt, ports.random()), open)
    attempt += 1
    if (state.phase !== 'offline') change({ ...state, phase: 'offline', farewell })
  }

  function check(): void {
    // Paused, nothing is said to us; whether anybody is there shows on return.
    if (socket === null || hidden) return
    const now = ports.nowMs()
    const silent = now - lastMessageMs > SILENCE_LIMIT_MS
    const unanswered = askedAtMs !== null && now - askedAtMs > SNAPSHOT_LIMIT_MS
    if (silent || unanswered) lose()
  }

  function hide(): void {
    hidden = true
    askedAtMs = null
    cancelRetry()
    if (opened) send({ type: 'pause' })
    else giveUp()
  }

  /** A server waits for the first message of a connection only so long. */
  function giveUp(): void {
    const early = socket
    socket = null
    early?.close()
  }

  function show(): void {
    hidden = false
    if (!opened) {
      open()
    } else {
      lastMessageMs = ports.nowMs()
      state = { ...state, phase: awaiting() }
      watch()
    }
    onChange(state)
  }

  open()
  const cancelCheck = ports.every(CHECK_INTERVAL_MS, check)

  return {
    setAxis(next) {
      if (next === state.axis) return
      change({ ...state, axis: next, phase: opened ? awaiting() : state.phase })
      if (opened && !hidden) ask({ type: 'watch', axis: next })
    },
    setHidden(next) {
      if (hidden === next) return
      if (next) hide()
      else show()
    },
    stop() {
      cancelCheck()
      cancelRetry()
      const last = socket
      socket = null
      last?.close()
    },
  }
}
