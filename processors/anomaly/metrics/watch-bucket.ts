/**
 * One series from bucket to alarm: baseline of its weeks, assessment, k of n, and only then is the bucket's value
 * learned. What a live processor keeps for each series is `SeriesState`; it can be rebuilt from stored buckets.
 */
import { type Assessment, assessCount, assessValue, type ValueSpread } from './assess-point.ts'
import { NOT_WATCHED, type Watched, type WatchOptions, watchPoint } from './watch-series.ts'
import { baselineAt, emptyWeekHistory, recordBucket, type WeekHistory } from './week-history.ts'

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

/** In place; buckets come in rising order. */
export function watchBucket(
  state: SeriesState,
  observed: ObservedBucket,
  { kind, watch, dispersion = 0, neighbours }: SeriesOptions,
): WatchedBucket {
  const { bucket, value, isHoliday = false, isStale = false } = observed
  const baseline = baselineAt(state.history, bucket, { isHoliday, neighbours })
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
