/** How event time runs while a replay plays: `speed` times as fast as the wall, and over closed hours in one leap. */

/** Event time reached, and the wall clock at which it was. */
export interface Pace {
  eventMs: number
  wallMs: number
}

/** A wait longer than this (event time) is leapt over … */
export const LEAP_OVER_MS = 15 * 60_000
/** … to this long before the next order, so that the wall shows the new day before its first order comes. */
export const LEAP_LEAD_MS = 60_000
/** Time in which the process did not run (a suspended laptop, a stalled disk) is not caught up. */
export const MAX_TICK_MS = 2_000

export function advance(pace: Pace, wallMs: number, speed: number): Pace {
  const elapsedMs = Math.min(Math.max(0, wallMs - pace.wallMs), MAX_TICK_MS)
  return { eventMs: pace.eventMs + elapsedMs * speed, wallMs }
}

/** Event time never goes back: a next order that is near, or overdue, changes nothing. */
export function leap(pace: Pace, nextDueMs: number): Pace {
  return nextDueMs - pace.eventMs > LEAP_OVER_MS ? { ...pace, eventMs: nextDueMs - LEAP_LEAD_MS } : pace
}
