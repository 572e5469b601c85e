/**
 * What the browser knows of the wall, and how a frame changes it. Pure: no socket, no clock. Values are only ever
 * replaced by newer ones, never emptied, so that a lost connection leaves the last numbers standing.
 */
import { checksumOf } from '../../../core/contracts/checksum.ts'
import type { ResyncReason } from '../../../core/contracts/live-path.ts'
import type { Axis, Tiles } from '../../../core/contracts/tiles.ts'
import type { DataFrame, HeartbeatFrame, SnapshotFrame, UpdateFrame } from './parse-frame.ts'

/** `connecting` only before the first snapshot; afterwards a lost server is `offline`. */
export type Phase = 'connecting' | 'live' | 'resyncing' | 'offline'

export type WallState = {
  phase: Phase
  axis: Axis
  tiles: Partial<Tiles>
  /** The newest snapshot came from a server that had not read its numbers yet; those before it are kept until it has. */
  partial: boolean
  /** Empty until the first snapshot. */
  epoch: string
  seq: number
  /** The tenant's now of the newest frame; null before the first. */
  eventTime: string | null
  serverTime: string | null
  /** The browser's monotonic milliseconds when `serverTime` came; ages are counted on from there. */
  receivedAtMs: number
  watermarks: Readonly<Record<string, string | null>>
  /** Server time at which the warehouse stopped answering; null while it is up. */
  warehouseLostAt: string | null
  malformedFrames: number
  resyncs: number
  /** How often the state was not the server's though every frame had come; there is a fault somewhere. */
  mismatches: number
  /** Why the server ended the connection that was lost last; '' where it did not say. */
  farewell: string
}

export const emptyWall = (axis: Axis): WallState => ({
  phase: 'connecting',
  axis,
  tiles: {},
  partial: false,
  epoch: '',
  seq: -1,
  eventTime: null,
  serverTime: null,
  receivedAtMs: 0,
  watermarks: {},
  warehouseLostAt: null,
  malformedFrames: 0,
  resyncs: 0,
  mismatches: 0,
  farewell: '',
})

export type Applied = { state: WallState; gap: ResyncReason | null }

/**
 * `gap` says why a snapshot is needed. A frame that shows a gap changes nothing but the phase: half of a newer state
 * on top of an older one would be numbers that never stood together.
 */
export function applyFrame(state: WallState, frame: DataFrame, nowMs: number): Applied {
  switch (frame.type) {
    case 'snapshot':
      return { state: applySnapshot(state, frame, nowMs), gap: null }
    case 'update':
      return applyUpdate(state, frame, nowMs)
    case 'heartbeat':
      return applyHeartbeat(state, frame, nowMs)
  }
}

function applySnapshot(state: WallState, frame: SnapshotFrame, nowMs: number): WallState {
  const partial = frame.set.hero === undefined && state.tiles.hero !== undefined
  return withWarehouse(state, {
    ...state,
    ...stamp(frame, nowMs),
    partial,
    phase: partial ? 'resyncing' : 'live',
    epoch: frame.epoch,
    seq: frame.seq,
    tiles: partial ? { ...state.tiles, ...frame.set } : frame.set,
  })
}

function applyUpdate(state: WallState, frame: UpdateFrame, nowMs: number): Applied {
  const fault = frame.from === undefined ? gapBefore(state, frame) : gapElsewhere(state, frame)
  if (fault !== null) return { state, gap: fault }
  const partial = state.partial && frame.set.hero === undefined
  const next: WallState = {
    ...state,
    ...stamp(frame, nowMs),
    partial,
    phase: partial ? 'resyncing' : 'live',
    epoch: frame.epoch,
    seq: frame.seq,
    tiles: { ...state.tiles, ...frame.set },
  }
  return { state: withWarehouse(state, next), gap: null }
}

function gapBefore(state: WallState, frame: UpdateFrame): ResyncReason | null {
  if (frame.epoch !== state.epoch) return 'epoch'
  // One that begins before our state has all that differs since ours too, as values that are absolute.
  return frame.prev > state.seq || frame.seq < state.seq ? 'gap' : null
}

/** Another process goes on from the very frame that we hold, and counts its own from here on. */
function gapElsewhere(state: WallState, frame: UpdateFrame): ResyncReason | null {
  if (frame.from !== state.epoch) return 'epoch'
  return frame.prev === state.seq ? null : 'gap'
}

// The server sends what is new before it sends a heartbeat, so that another `seq` is a frame that we never got.
function applyHeartbeat(state: WallState, frame: HeartbeatFrame, nowMs: number): Applied {
  if (frame.epoch !== state.epoch) return { state, gap: 'epoch' }
  if (frame.seq !== state.seq) return { state, gap: 'gap' }
  const told = state.partial ? undefined : frame.checksum
  if (told !== undefined && told !== checksumOf(state.tiles))
    return { state: { ...state, mismatches: state.mismatches + 1 }, gap: 'checksum' }
  return { state: { ...state, ...stamp(frame, nowMs), watermarks: frame.watermarks }, gap: null }
}

function stamp(frame: DataFrame, nowMs: number) {
  return { eventTime: frame.eventTime, serverTime: frame.serverTime, receivedAtMs: nowMs }
}

function withWarehouse(before: WallState, after: WallState): WallState {
  const up = (after.tiles.health?.warehouse ?? 'up') === 'up'
  return { ...after, warehouseLostAt: up ? null : (before.warehouseLostAt ?? after.serverTime) }
}
