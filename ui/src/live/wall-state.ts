/**
 * What the browser knows of the wall, and how a frame changes it. Pure: no socket, no clock. Values are only ever
 * replaced by newer ones, never emptied, so that a lost connection leaves the last numbers standing.
 */
import type { Axis, Tiles } from '../../../core/contracts/tiles.ts'
import type { DataFrame, SnapshotFrame, UpdateFrame } from './parse-frame.ts'

/** `connecting` only before the first snapshot; afterwards a lost server is `offline`. */
export type Phase = 'connecting' | 'live' | 'resyncing' | 'offline'

export type WallState = {
  phase: Phase
  axis: Axis
  tiles: Partial<Tiles>
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
}

export const emptyWall = (axis: Axis): WallState => ({
  phase: 'connecting',
  axis,
  tiles: {},
  epoch: '',
  seq: -1,
  eventTime: null,
  serverTime: null,
  receivedAtMs: 0,
  watermarks: {},
  warehouseLostAt: null,
  malformedFrames: 0,
  resyncs: 0,
})

export type Applied = { state: WallState; gap: string | null }

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
    case 'heartbeat': {
      const gap = epochGap(state, frame)
      if (gap !== null) return { state, gap }
      return { state: { ...state, ...stamp(frame, nowMs), watermarks: frame.watermarks }, gap: null }
    }
  }
}

function applySnapshot(state: WallState, frame: SnapshotFrame, nowMs: number): WallState {
  return withWarehouse(state, {
    ...state,
    ...stamp(frame, nowMs),
    phase: 'live',
    epoch: frame.epoch,
    seq: frame.seq,
    tiles: frame.set,
  })
}

function applyUpdate(state: WallState, frame: UpdateFrame, nowMs: number): Applied {
  const gap =
    epochGap(state, frame) ?? (frame.prev === state.seq ? null : `has ${state.seq}, got prev ${frame.prev}`)
  if (gap !== null) return { state, gap }
  const tiles = { ...state.tiles, ...frame.set }
  return {
    state: withWarehouse(state, { ...state, ...stamp(frame, nowMs), seq: frame.seq, tiles }),
    gap: null,
  }
}

function epochGap(state: WallState, frame: DataFrame): string | null {
  return frame.epoch === state.epoch ? null : 'new epoch'
}

function stamp(frame: DataFrame, nowMs: number) {
  return { eventTime: frame.eventTime, serverTime: frame.serverTime, receivedAtMs: nowMs }
}

function withWarehouse(before: WallState, after: WallState): WallState {
  const up = (after.tiles.health?.warehouse ?? 'up') === 'up'
  return { ...after, warehouseLostAt: up ? null : (before.warehouseLostAt ?? after.serverTime) }
}
