/**
 * Keeps one websocket to the server alive and the state whole: connects, watches an axis, asks for a snapshot on every
 * doubt, and comes back by itself. Clock, timers, random and socket are arguments, so that tests can drive them.
 */
import type { ClientFrame } from '../../../core/contracts/frames.ts'
import { HEARTBEAT_INTERVAL_MS } from '../../../core/contracts/live-path.ts'
import type { Axis } from '../../../core/contracts/tiles.ts'
import { type DataFrame, parseFrame } from './parse-frame.ts'
import { reconnectDelayMs } from './reconnect-delay.ts'
import { applyFrame, emptyWall, type WallState } from './wall-state.ts'

/** Two heartbeats and some: a server that says nothing for so long is gone, whatever TCP believes. */
export const SILENCE_LIMIT_MS = 2 * HEARTBEAT_INTERVAL_MS + 2_000
/** A snapshot that was asked for and does not come: the connection is started anew. */
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
  /** A hidden tab drops what comes; a shown one takes a snapshot. */
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
  /** When the outstanding snapshot was asked for; null when none is. At most one is, so a bad server cannot make us loop. */
  let askedAtMs: number | null = null
  let cancelRetry = () => {}

  const change = (next: WallState) => {
    state = next
    onChange(state)
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
    askedAtMs = ports.nowMs()
    send({ type: 'watch', axis: state.axis })
  }

  function receive(data: unknown): void {
    lastMessageMs = ports.nowMs()
    const frame = parseFrame(data)
    if (frame === null) {
      change({ ...state, malformedFrames: state.malformedFrames + 1 })
      resync('malformed frame')
    } else if (frame.type === 'goodbye') {
      lose()
    } else if (!hidden) {
      apply(frame)
    }
  }

  function apply(frame: DataFrame): void {
    // Until the snapshot has come, what updates say belongs to a state that we do not have.
    if (askedAtMs !== null && !isAnswer(frame)) return
    const { state: next, gap } = applyFrame(state, frame, ports.nowMs())
    if (gap !== null) {
      resync(gap)
      return
    }
    if (frame.type === 'snapshot') {
      askedAtMs = null
      attempt = 0
    }
    change(next)
  }

  /** After a change of axis, a snapshot of the old one may still be on its way; it is not the answer. */
  const isAnswer = (frame: DataFrame) =>
    frame.type === 'snapshot' && (frame.set.hero === undefined || frame.set.hero.axis === state.axis)

  function resync(reason: string): void {
    if (!opened || askedAtMs !== null) return
    ask({ type: 'resync', reason: reason.slice(0, 200) })
    change({ ...state, phase: awaiting(), resyncs: state.resyncs + 1 })
  }

  function ask(frame: ClientFrame): void {
    askedAtMs = ports.nowMs()
    send(frame)
  }

  const awaiting = () => (state.epoch === '' ? 'connecting' : 'resyncing')

  function lose(): void {
    const lost = socket
    socket = null
    opened = false
    askedAtMs = null
    lost?.close()
    cancelRetry()
    cancelRetry = ports.after(reconnectDelayMs(attempt, ports.random()), open)
    attempt += 1
    if (state.phase !== 'offline') change({ ...state, phase: 'offline' })
  }

  function check(): void {
    if (socket === null) return
    const now = ports.nowMs()
    const silent = now - lastMessageMs > SILENCE_LIMIT_MS
    const unanswered = !hidden && askedAtMs !== null && now - askedAtMs > SNAPSHOT_LIMIT_MS
    if (silent || unanswered) lose()
  }

  open()
  const cancelCheck = ports.every(CHECK_INTERVAL_MS, check)

  return {
    setAxis(next) {
      if (next === state.axis) return
      change({ ...state, axis: next, phase: opened ? awaiting() : state.phase })
      if (opened) ask({ type: 'watch', axis: next })
    },
    setHidden(next) {
      if (hidden === next) return
      hidden = next
      if (hidden) return
      // An answer that came while hidden was dropped with the rest.
      askedAtMs = null
      resync('tab was hidden')
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
