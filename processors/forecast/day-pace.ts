/**
 * The pace of one day: what is usual by each quarter of an hour, and where the day will end by what has come.
 *
 * Former days are those of the same weekday of the last eight weeks; under four of them, the days of work or the other ones
 * of the last four weeks. Revenue: `nowcast`. Orders: where the day ends by `nowcast`, what is usual by `expectCount` from
 * the counts of former days, brought to the level of this day's forecast, so that they keep up with a season.
 *
 * Pure: no clock, no randomness, no I/O. Days and what has elapsed of them are by the shop's clock (day-clock.ts).
 */
import type { PacePlace, PaceSeries } from '../../core/contracts/pace.ts'
import { expectCount } from './expect-count.ts'
import { cumulate, type Interval, interpolate, intradayProfile, nowcast } from './nowcast.ts'

/** Former days of the kind: with fewer nothing is said. */
export const PACE_MIN_DAYS = 4
const SAME_WEEKDAYS = 8
const KIND_DAYS = 28
const SATURDAY = 2
const SUNDAY = 3
/** An upper bound of 80 % lies so many standard deviations above the point. */
const Z80 = 1.2815515655446004

export interface ExpectedDay {
  point: number
  high80: number
}

export interface SeriesPace {
  days: number
  /** By the share of the clock's day that has elapsed, 0 to 1. */
  usualBy(elapsed: number): Interval
  endOf(soFar: number, elapsed: number): { end: Interval; place: PacePlace }
}

/** Day numbers from 1970-01-01, which was a Thursday; the latest first. `firstDay` is the first that has a history. */
export function formerDays(day: number, firstDay: number): number[] {
  const weekdays = Array.from({ length: SAME_WEEKDAYS }, (_, week) => day - 7 * (week + 1))
  const same = weekdays.filter((former) => former >= firstDay)
  if (same.length >= PACE_MIN_DAYS) return same
  const recent = Array.from({ length: KIND_DAYS }, (_, back) => day - 1 - back)
  return recent.filter((former) => former >= firstDay && isWeekend(former) === isWeekend(day))
}

const isWeekend = (day: number): boolean => [SATURDAY, SUNDAY].includes(((day % 7) + 7) % 7)

/** Undefined where too few former days have anything, or nothing is expected: on a day on which the shop is closed. */
export function seriesPace(
  series: PaceSeries,
  { point, high80 }: ExpectedDay,
  former: readonly Float64Array[],
): SeriesPace | undefined {
  const profile = intradayProfile(former)
  if (profile.days < PACE_MIN_DAYS || !(point > 0)) return undefined
  const forecastSd = Math.max(0, high80 - point) / Z80
  // Refunds may take back revenue, and no order is less than none.
  const mayFall = series === 'revenue'
  const now = (soFar: number, elapsed: number) =>
    nowcast({ forecast: point, forecastSd, soFar, elapsed, profile, mayFall })
  const curves = former.map(cumulate)
  if (series === 'revenue')
    return {
      days: profile.days,
      usualBy: (elapsed) => floored(now(0, elapsed).byNow, lowestOf(curves, elapsed)),
      endOf(soFar, elapsed) {
        const { end, pace } = now(soFar, elapsed)
        return { end, place: pace }
      },
    }
  const counts = countsOf(curves, point)
  return {
    days: profile.days,
    usualBy: (elapsed) => countsUsualBy(counts(elapsed)),
    endOf: (soFar, elapsed) => ({
      end: now(soFar, elapsed).end,
      place: PLACES[expectCount(soFar, counts(elapsed))?.verdict ?? 'usual'],
    }),
  }
}

/** Below 0 only where a former day was: in the morning a normal spread would reach there, and no shop does. */
const lowestOf = (curves: readonly Float64Array[], elapsed: number): number =>
  Math.min(0, ...curves.map((curve) => interpolate(curve, elapsed)))

function floored(interval: Interval, floor: number): Interval {
  const { lo80, lo95 } = interval
  return { ...interval, lo80: Math.max(floor, lo80), lo95: Math.max(floor, lo95) }
}

const PLACES = { fewer: 'below', usual: 'within', more: 'above' } as const

/** What had come of the former days by a share of the day, were each of them as large as the forecast on the mean. */
function countsOf(curves: readonly Float64Array[], point: number): (elapsed: number) => number[] {
  const mean = curves.reduce((sum, curve) => sum + curve.at(-1)!, 0) / curves.length
  const scale = mean > 0 ? point / mean : 1
  return (elapsed) => curves.map((curve) => Math.max(0, scale * interpolate(curve, elapsed)))
}

function countsUsualBy(counts: readonly number[]): Interval {
  // Before the shop opens nothing is usual, and not the half order that is assumed never to have been seen.
  if (counts.every((count) => count === 0)) return { point: 0, lo80: 0, hi80: 0, lo95: 0, hi95: 0 }
  const { expected, lo80, hi80, lo95, hi95 } = expectCount(0, counts)!
  return { point: expected, lo80, hi80, lo95, hi95 }
}
