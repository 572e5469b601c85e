/**
 * One series from bucket to alarm: baseline of its weeks, assessment, k of n, and only then is the bucket's value
 * learned. What a live processor keeps for each series is `SeriesState`; it can be rebuilt from stored buckets.
 */
import { type Assessment, assessCount, assessValue, type ValueSpread } from './assess-point.ts'
import { NOT_WATCHED, type Watched, type WatchOptions, watchPoint } from './watch-series.ts'
import {
  type Baseline,
  type BaselineOptions,
  baselineAt,
  emptyWeekHistory,
  recordBucket,
  type WeekHistory,
} from './week-history.ts'

export interface SeriesState {
  history: WeekHistory
  watched: Watched
}

export interface SeriesOptions {
  kind: 'count' | 'value'
  watch: WatchOptions
  /** Of counts: α of `count-tails.ts`. */
  dispersion?: number
  /** Buckets before and after that count as the same time; default 1. */
  neighbours?: number
}

export interface ObservedBucket extends ValueSpread {
  /** From `weekBucket`. */
  bucket: number
  value: number
  isHoliday?: boolean
  /** The source was silent: the value is not known to be whole. */
  isStale?: boolean
  /** Of a value that is made of so few orders; of a count it is seen from what is expected. */
  isSparse?: boolean
}

export interface WatchedBucket {
  assessment: Assessment
  /** The alarm that holds after this bucket. */
  alarm: Watched['alarm']
  change: 'began' | 'ended' | null
}

export function newSeries(bucketsPerWeek: number, weeks?: number): SeriesState {
  return { history: emptyWeekHistory(bucketsPerWeek, weeks), watched: NOT_WATCHED }
}

/** Below so many a bucket a count is sparse. */
export const SPARSE_BELOW = 5

/** In place; buckets come in rising order. */
export function watchBucket(
  state: SeriesState,
  observed: ObservedBucket,
  { kind, watch, dispersion = 0, neighbours }: SeriesOptions,
): WatchedBucket {
  const { bucket, value, isHoliday = false, isStale = false, isSparse = false } = observed
  const baseline = baselineOf(state.history, bucket, { isHoliday, neighbours, isSparse, kind })
  const assessment =
    kind === 'count' ? assessCount(value, baseline, dispersion) : assessValue(value, baseline, observed)
  const before = state.watched.alarm
  state.watched = watchPoint(state.watched, isStale ? null : assessment, watch)
  // What a holiday or a silent source showed is not what this time of the week is like.
  if (!isHoliday && !isStale) recordBucket(state.history, bucket, value)
  const { alarm } = state.watched
  const change =
    before === null && alarm !== null ? 'began' : before !== null && alarm === null ? 'ended' : null
  return { assessment, alarm, change }
}

function baselineOf(
  history: WeekHistory,
  bucket: number,
  { kind, ...options }: BaselineOptions & Pick<SeriesOptions, 'kind'>,
): Baseline {
  const baseline = baselineAt(history, bucket, options)
  if (kind === 'value' || !(baseline.expected < SPARSE_BELOW)) return baseline
  return baselineAt(history, bucket, { ...options, isSparse: true })
}
