/**
 * What a series was at the same time of the week, for some weeks back: a ring of weeks, one cell a bucket. A bucket is
 * numbered in local time from a Monday, so that bucket mod bucketsPerWeek is the time of the week. Holidays are not
 * recorded: they would make the next ordinary Thursday look wrong.
 */
import { offsetMs } from '../../../core/runtime/local-time.ts'

export const WEEK_MS = 7 * 86_400_000
/** 1970-01-05 was a Monday. */
export const MONDAY_MS = 4 * 86_400_000
/** A minute is the finest bucket: 80 kB a week and series. */
const MAX_BUCKETS_PER_WEEK = 10_080
const MAX_WEEKS = 26

export interface WeekHistory {
  bucketsPerWeek: number
  weeks: number
  /** weeks × bucketsPerWeek; NaN where nothing is known. */
  values: Float64Array
  /** The week that a cell's value is of: a ring holds what is long ago until it is written over. */
  weekOf: Int32Array
}

/** Median of what is comparable, or of what is sparse its trimmed mean; and the spread about it (MAD × 1.4826). */
export interface Baseline {
  expected: number
  spread: number
  /** What was compared with: the same time of former weeks, of former days, or nothing. */
  basis: 'weeks' | 'days' | 'none'
  /** Values it is made of. */
  samples: number
}

export function emptyWeekHistory(bucketsPerWeek: number, weeks = 8): WeekHistory {
  if (!(bucketsPerWeek % 7 === 0 && bucketsPerWeek <= MAX_BUCKETS_PER_WEEK && weeks <= MAX_WEEKS))
    throw new RangeError(
      `${bucketsPerWeek} buckets a week for ${weeks} weeks: a day has whole buckets of a minute or more`,
    )
  const cells = weeks * bucketsPerWeek
  return {
    ...{ bucketsPerWeek, weeks },
    values: new Float64Array(cells).fill(Number.NaN),
    weekOf: new Int32Array(cells).fill(-1),
  }
}

/** The bucket of an instant, in local time. A repeated hour of a clock change falls on the same buckets twice. */
export function weekBucket(instantMs: number, timeZone: string, bucketsPerWeek: number): number {
  const localMs = instantMs + offsetMs(instantMs, timeZone)
  return Math.floor(((localMs - MONDAY_MS) * bucketsPerWeek) / WEEK_MS)
}

/** In place. The bucket's value when it is over; later again to correct it. */
export function recordBucket(history: WeekHistory, bucket: number, value: number): void {
  const cell = cellOf(history, bucket)
  history.values[cell] = value
  history.weekOf[cell] = weekNumber(history, bucket)
}

export interface BaselineOptions {
  /** The day is a holiday: it is compared with Sundays, and the spread is taken half as wide again. */
  isHoliday?: boolean
  /** Buckets before and after that count as the same time. */
  neighbours?: number
  /** Few orders a bucket: the median of 0, 0 and 1 is 0, and every order would be one more than expected. */
  isSparse?: boolean
}

const HOLIDAY_SPREAD = 1.5
const LEAST_WEEKS = 2
const LEAST_DAYS = 3
/** Days back, where there are too few weeks. */
const MAX_DAYS = 14
const MAD_SCALE = 1.4826
/** Of the values of what is sparse, the largest are left out: one good hour is not what is usual. */
const TRIMMED = 0.1

/** From buckets before this one only. */
export function baselineAt(history: WeekHistory, bucket: number, options: BaselineOptions = {}): Baseline {
  const { isHoliday = false, neighbours = 1, isSparse = false } = options
  const perDay = history.bucketsPerWeek / 7
  const like = isHoliday ? sameTimeOfSunday(history, bucket) : bucket
  const weeks = collect(history, {
    bucket: like,
    step: history.bucketsPerWeek,
    back: history.weeks - 1,
    neighbours,
  })
  const widen = isHoliday ? HOLIDAY_SPREAD : 1
  if (weeks.length >= LEAST_WEEKS * (2 * neighbours + 1)) return robust(weeks, 'weeks', { widen, isSparse })
  const days = collect(history, { bucket, step: perDay, back: MAX_DAYS, neighbours })
  if (days.length >= LEAST_DAYS * (2 * neighbours + 1)) return robust(days, 'days', { widen, isSparse })
  return { expected: Number.NaN, spread: Number.NaN, basis: 'none', samples: 0 }
}

/** The Sunday of the same week, whose former ones are then looked at. */
function sameTimeOfSunday({ bucketsPerWeek }: WeekHistory, bucket: number): number {
  const perDay = bucketsPerWeek / 7
  return Math.floor(bucket / bucketsPerWeek) * bucketsPerWeek + 6 * perDay + (bucket % perDay)
}

interface Asked {
  bucket: number
  step: number
  back: number
  neighbours: number
}

function collect(history: WeekHistory, { bucket, step, back, neighbours }: Asked): number[] {
  const found: number[] = []
  for (let n = 1; n <= back; n++)
    for (let beside = -neighbours; beside <= neighbours; beside++) {
      const value = valueAt(history, bucket - n * step + beside)
      if (!Number.isNaN(value)) found.push(value)
    }
  return found
}

/** NaN where nothing is known. */
export function valueAt(history: WeekHistory, bucket: number): number {
  if (bucket < 0) return Number.NaN
  const cell = cellOf(history, bucket)
  return history.weekOf[cell] === weekNumber(history, bucket) ? history.values[cell]! : Number.NaN
}

function robust(
  values: number[],
  basis: 'weeks' | 'days',
  { widen, isSparse }: { widen: number; isSparse: boolean },
): Baseline {
  const expected = isSparse ? trimmedMean(values) : middle(values)
  const spread = MAD_SCALE * widen * middle(values.map((value) => Math.abs(value - expected)))
  return { expected, spread, basis, samples: values.length }
}

function middle(values: number[]): number {
  values.sort((a, b) => a - b)
  const half = values.length >> 1
  return values.length % 2 === 1 ? values[half]! : (values[half - 1]! + values[half]!) / 2
}

function trimmedMean(values: number[]): number {
  const kept = values.sort((a, b) => a - b).slice(0, Math.ceil(values.length * (1 - TRIMMED)))
  return kept.reduce((sum, value) => sum + value, 0) / kept.length
}

function weekNumber({ bucketsPerWeek }: WeekHistory, bucket: number): number {
  return Math.floor(bucket / bucketsPerWeek)
}

function cellOf(history: WeekHistory, bucket: number): number {
  return (
    (weekNumber(history, bucket) % history.weeks) * history.bucketsPerWeek + (bucket % history.bucketsPerWeek)
  )
}
