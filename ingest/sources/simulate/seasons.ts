/** How busy the shop is by local hour, weekday and month. Each curve has mean 1, so that rates stay what they are called. */
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
const QUARTERS = 96

/** At the full hours from midnight on: a shop on the web, with a lunch hour and a long evening. */
const HOURS = [
  28, 16, 10, 8, 8, 12, 24, 48, 78, 102, 116, 124, 132, 126, 112, 108, 112, 124, 142, 164, 176, 158, 112, 64,
]
/** From Sunday on. */
const WEEKDAYS = [118, 104, 96, 94, 96, 92, 100]
/** From January on, at the middle of each month. */
const MONTHS = [88, 84, 90, 94, 98, 94, 90, 88, 98, 106, 132, 138]

const DAY_CURVE = normalized(
  Array.from({ length: QUARTERS }, (_, quarter) => between(HOURS, (quarter + 0.5) / 4)),
)
const WEEK_CURVE = normalized(WEEKDAYS)
const YEAR_CURVE = normalized(
  Array.from({ length: 366 }, (_, day) => between(MONTHS, (day / 366) * 12 - 0.5)),
)

/** The factor of the quarter hour that a local time (read as if UTC) lies in. */
export function seasonAt(localMs: number): number {
  const day = Math.floor(localMs / DAY_MS)
  const quarter = Math.floor((localMs - day * DAY_MS) / QUARTER_MS)
  // 1970-01-01 was a Thursday.
  const weekday = (((day + 4) % 7) + 7) % 7
  return DAY_CURVE[quarter]! * WEEK_CURVE[weekday]! * YEAR_CURVE[dayOfYear(localMs)]!
}

function dayOfYear(localMs: number): number {
  return Math.floor((localMs - Date.UTC(new Date(localMs).getUTCFullYear(), 0, 1)) / DAY_MS)
}

/** On the straight line between two neighbours, the last and the first being neighbours too. */
function between(points: readonly number[], at: number): number {
  const low = Math.floor(at)
  const left = points[(low + points.length) % points.length]!
  const right = points[(low + 1 + points.length) % points.length]!
  return left + (right - left) * (at - low)
}

function normalized(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value / mean)
}
