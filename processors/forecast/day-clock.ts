/**
 * A day by its clock. A shop opens by the clock: on the day of a change the hours that passed since midnight are an hour off
 * from then on, and what is usual by noon is what came by noon on other days, and not what came by an hour more or less.
 *
 * Where the clock stands is a share of its 24 hours that never goes back. An hour that a change skips is passed at once. One
 * that it repeats is passed in both of them, at half the speed: what former days sold in it is expected over both.
 *
 * Pure but for the zone's offsets. Limits: nothing is known of how a shop lives through the hour itself.
 */
import { localDay, offsetMs } from '../../core/runtime/local-time.ts'

export const CLOCK_QUARTERS = 96
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000

export interface DayClock {
  /** Of the 24 hours of the clock, from 0 to 1, by minutes that passed since the day began. */
  shareAt(elapsedMinutes: number): number
  /** Amounts by quarters that passed, as quarters of the clock: of one that was skipped 0, of one that was repeated both. */
  byClock(passed: Float64Array): Float64Array
}

export interface DaySpan {
  startMs: number
  endMs: number
}

export function dayClock({ startMs, endMs }: DaySpan, timeZone: string): DayClock {
  const length = Math.ceil((endMs - startMs) / QUARTER_MS)
  const quarters = Array.from({ length }, (_, at) => quarterOf(startMs + at * QUARTER_MS, timeZone))
  const times = new Array<number>(CLOCK_QUARTERS).fill(0)
  for (const quarter of quarters) times[quarter]! += 1
  const skippedBefore = (quarter: number) => times.slice(0, quarter).filter((count) => count === 0).length
  // Where the clock stands as each quarter begins.
  const begins: number[] = []
  let passed = 0
  for (const quarter of quarters) {
    begins.push(passed + skippedBefore(quarter))
    passed += 1 / times[quarter]!
  }
  return {
    shareAt(elapsedMinutes) {
      const place = (elapsedMinutes * 60_000) / QUARTER_MS
      if (place >= length) return 1
      const at = Math.max(0, Math.floor(place))
      const speed = 1 / times[quarters[at]!]!
      return (begins[at]! + Math.max(0, place - at) * speed) / CLOCK_QUARTERS
    },
    byClock(amounts) {
      const own = new Float64Array(CLOCK_QUARTERS)
      for (const [at, amount] of amounts.entries()) own[quarters[at]!]! += amount
      return own
    },
  }
}

function quarterOf(instantMs: number, timeZone: string): number {
  const local = instantMs + offsetMs(instantMs, timeZone)
  return Math.floor((local - localDay(instantMs, timeZone) * DAY_MS) / QUARTER_MS)
}
