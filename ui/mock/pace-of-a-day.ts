/** A pace to look at: a band around a line, and where it ends. */
import { PACE_STEP_MINUTES, type PacePlace, type PaceTile } from '../../core/contracts/pace.ts'

/** Missed by so much of what is usual by then, and of the day. */
const OF_NOW = 0.05
const OF_DAY = 0.03

/** `line` has a value at each quarter of an hour from 0; its last is where the day usually ends. */
export function paceAt(day: string, minute: number, line: readonly number[], end: number): PaceTile {
  const last = line.at(-1) ?? 0
  const halfOf = (value: number) => Math.min(value, Math.hypot(OF_NOW * value, OF_DAY * last))
  const at = minute / PACE_STEP_MINUTES
  const [left, right] = [line[Math.floor(at)] ?? last, line[Math.ceil(at)] ?? last]
  const now = left + (at - Math.floor(at)) * (right - left)
  const boundsOf = (value: number, half = halfOf(value)) => ({
    ...{ value: value.toFixed(2), low80: (value - half).toFixed(2), high80: (value + half).toFixed(2) },
  })
  return {
    ...{ day, elapsedMinutes: minute, absence: null },
    revenue: {
      byNow: boundsOf(now),
      end: { ...boundsOf(end, end * 0.055), place: 'within' },
      band: {
        stepMinutes: PACE_STEP_MINUTES,
        value: line.map((value) => value.toFixed(2)),
        low80: line.map((value) => boundsOf(value).low80),
        high80: line.map((value) => boundsOf(value).high80),
      },
    },
    orders: { byNow: { value: 88.4, low80: 74, high80: 103 }, place: 'within' },
  }
}

/** The same of another place, with other counts by now; revenue as many times as large. */
export function placed(
  pace: PaceTile,
  place: PacePlace,
  { usual: [low80, high80], times = 1 }: { usual: [number, number]; times?: number },
): PaceTile {
  const { revenue } = pace
  const grown = (value: string) => (times * Number(value)).toFixed(2)
  const boundsOf = <Bounds extends Record<'value' | 'low80' | 'high80', string>>(bounds: Bounds): Bounds => ({
    ...bounds,
    ...{ value: grown(bounds.value), low80: grown(bounds.low80), high80: grown(bounds.high80) },
  })
  return {
    ...pace,
    revenue: revenue && {
      byNow: boundsOf(revenue.byNow),
      end: revenue.end && { ...boundsOf(revenue.end), place },
      band: {
        ...revenue.band,
        value: revenue.band.value.map(grown),
        low80: revenue.band.low80.map(grown),
        high80: revenue.band.high80.map(grown),
      },
    },
    orders: { byNow: { value: (low80 + high80) / 2, low80, high80 }, place },
  }
}

export function noPace(
  { day, elapsedMinutes }: PaceTile,
  reason: 'history' | 'forecast',
  completeDays: number,
): PaceTile {
  const absence = { reason, completeDays, neededDays: 14 }
  return { day, elapsedMinutes, absence, revenue: null, orders: null }
}
