import type { WallState } from './wall-state.ts'

/** A live clock may run on by itself for as long as a heartbeat may be late; then it waits for the server. */
const RUN_ON_LIMIT_MS = 10_000

/** Server wall clock, epoch ms, from the newest frame and the time since; null before the first frame. */
export function serverNowMs(state: WallState, nowMs: number): number | null {
  if (state.serverTime === null) return null
  return Date.parse(state.serverTime) + Math.max(0, nowMs - state.receivedAtMs)
}

/**
 * The tenant's now, epoch ms. Live it runs on between frames; in a replay it stands, because the replay jumps over
 * closed hours and a guess would have to be taken back; offline it stays at the last values' time.
 */
export function tenantNowMs(state: WallState, nowMs: number): number | null {
  if (state.eventTime === null) return null
  const eventMs = Date.parse(state.eventTime)
  if (state.phase !== 'live' || state.tiles.tenant?.mode !== 'live') return eventMs
  return eventMs + Math.min(RUN_ON_LIMIT_MS, Math.max(0, nowMs - state.receivedAtMs))
}
