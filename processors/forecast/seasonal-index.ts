/**
 * A season as one factor (or difference) for each position, pooled across series by shrinkage.
 *
 * What a value stands above a moving average of one season is averaged over the years, as in classical decomposition, on
 * logarithms where all values are above 0. At both ends, where the average lacks half a season, it goes on with its mean
 * growth; so one season and a few values are enough. One or two years say little about a week: each position is shrunk
 * towards what the other series say (or towards no season at all where there are none) by the share of its spread that
 * repetition does not explain (empirical Bayes: Efron and Morris 1975), by half where nothing is repeated.
 *
 * Limits: 52 weeks are 1.25 days short of a year, so a season of weeks slips a week in six years; moving feasts
 * are for event-factors.ts.
 */
import type { SeasonalIndex } from './forecast-method.ts'
import { isPositive, meanOf } from './forecast-method.ts'
import { movingAverage } from './stl.ts'

/** How a series stands around its own trend, by position of the season. */
export interface SeasonalDeviations {
  kind: SeasonalIndex['kind']
  /** Mean of the logarithm of value/trend, or of value − trend. */
  means: Float64Array
  /** Values behind each mean. */
  counts: Uint32Array
  /** Variance of one value about its position's mean; NaN where no position has two. */
  noise: number
}

/** Beyond a season: fewer say nothing about growth. */
const MIN_BEYOND_SEASON = 8
/** A pool of fewer series is one of them. */
export const MIN_POOLED = 3

/** `phase` is the position of the first value; null where the series has less than a season and eight values. */
export function seasonalDeviations(
  values: Float64Array,
  period: number,
  phase = 0,
): SeasonalDeviations | null {
  if (period < 2 || values.length < period + MIN_BEYOND_SEASON) return null
  const kind = isPositive(values) ? 'multiplicative' : 'additive'
  const scaled = kind === 'multiplicative' ? values.map(Math.log) : values
  const trend = seasonFreeTrend(scaled, period)
  const means = new Float64Array(period)
  const counts = new Uint32Array(period)
  for (let i = 0; i < scaled.length; i++) {
    const position = (phase + i) % period
    means[position] = means[position]! + scaled[i]! - trend[i]!
    counts[position] = counts[position]! + 1
  }
  for (let p = 0; p < period; p++) means[p] = counts[p]! > 0 ? means[p]! / counts[p]! : 0
  let squares = 0
  for (let i = 0; i < scaled.length; i++)
    squares += (scaled[i]! - trend[i]! - means[(phase + i) % period]!) ** 2
  const freedom = scaled.length - period
  const repeated = counts.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0)
  const noise = repeated >= period / 2 ? squares / freedom : Number.NaN
  centre(means)
  return { kind, means, counts, noise }
}

/** What the multiplicative ones among the series have in common; undefined where they are too few. */
export function poolSeasons(all: readonly (SeasonalDeviations | null)[]): Float64Array | undefined {
  const shared = all.filter((one) => one?.kind === 'multiplicative')
  const first = shared[0]
  if (!first || shared.length < MIN_POOLED) return undefined
  const pool = new Float64Array(first.means.length)
  for (let p = 0; p < pool.length; p++) {
    let sum = 0
    let total = 0
    for (const one of shared) {
      sum += one!.counts[p]! * one!.means[p]!
      total += one!.counts[p]!
    }
    pool[p] = total > 0 ? sum / total : 0
  }
  return centre(pool)
}

/** The index of a series with `deviations` of its own (or none) and a pool (or none), seen from `phase`. */
export function seasonalIndex(
  deviations: SeasonalDeviations | null,
  pool: Float64Array | undefined,
  phase = 0,
): SeasonalIndex | undefined {
  const shrunk = deviations ? shrink(deviations, pool) : pool
  if (!shrunk) return undefined
  const kind = deviations?.kind ?? 'multiplicative'
  const seen = shrunk.map((_, i) => shrunk[(phase + i) % shrunk.length]!)
  return { kind, values: kind === 'multiplicative' ? seen.map(Math.exp) : seen }
}

/**
 * Each position as the mean of the `span` (odd) around it, all round the year. A season of days has one or two values a
 * day; three weeks together say more, and take the days of the week out.
 */
export function smoothDeviations(deviations: SeasonalDeviations, span: number): SeasonalDeviations {
  const { means, counts, noise } = deviations
  const half = span >> 1
  const around = (of: ArrayLike<number>, p: number) => {
    let sum = 0
    for (let d = -half; d <= half; d++) sum += of[(p + d + means.length) % means.length]!
    return sum
  }
  return {
    ...deviations,
    means: means.map((_, p) => around(means, p) / span),
    // So many values are behind each mean now.
    counts: counts.map((_, p) => around(counts, p)),
    noise,
  }
}

/** The series' own index, shrunk towards none. */
export function ownIndex(values: Float64Array, period: number): SeasonalIndex | undefined {
  return seasonalIndex(seasonalDeviations(values, period), undefined)
}

export function removeSeason(values: Float64Array, index: SeasonalIndex | undefined): Float64Array {
  if (!index) return values
  const { kind, values: season } = index
  return values.map((value, i) =>
    kind === 'multiplicative' ? value / season[i % season.length]! : value - season[i % season.length]!,
  )
}

/** Onto values that begin at position `from`. */
export function addSeason(point: Float64Array, index: SeasonalIndex | undefined, from: number): Float64Array {
  if (!index) return point
  const { kind, values: season } = index
  return point.map((value, h) => {
    const of = season[(from + h) % season.length]!
    return kind === 'multiplicative' ? value * of : value + of
  })
}

function shrink(deviations: SeasonalDeviations, pool: Float64Array | undefined): Float64Array {
  const towards = deviations.kind === 'multiplicative' ? pool : undefined
  const { means, counts, noise } = deviations
  let spread = 0
  let error = 0
  for (let p = 0; p < means.length; p++) {
    spread += (means[p]! - (towards?.[p] ?? 0)) ** 2 / means.length
    error += noise / Math.max(1, counts[p]!) / means.length
  }
  const kept = Number.isNaN(error) ? 0.5 : spread > 0 ? Math.max(0, 1 - error / spread) : 0
  return means.map((mean, p) => {
    const to = towards?.[p] ?? 0
    return counts[p]! > 0 ? to + kept * (mean - to) : to
  })
}

/** A moving average of one season, as long as the series. */
function seasonFreeTrend(values: Float64Array, period: number): Float64Array {
  const one = movingAverage(values, period)
  const inner = period % 2 === 0 && one.length > 1 ? movingAverage(one, 2) : one
  // An average of an even season alone lies between two values; the half is lost only where there is a single one.
  const first = period >> 1
  const last = first + inner.length - 1
  const growth = meanGrowth(inner, period)
  const trend = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const within = Math.min(last, Math.max(first, i))
    trend[i] = inner[within - first]! + growth * (i - within)
  }
  return trend
}

/** Of one step. The less it was seen over, the less of it is believed. */
function meanGrowth(average: Float64Array, period: number): number {
  const steps = average.length - 1
  if (steps < 1) return 0
  return ((average[steps]! - average[0]!) / steps) * Math.min(1, steps / period)
}

function centre(means: Float64Array): Float64Array {
  const mean = meanOf(means)
  for (let i = 0; i < means.length; i++) means[i] = means[i]! - mean
  return means
}
