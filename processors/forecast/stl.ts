/**
 * STL: a series as trend + season + remainder by local regression (Cleveland, Cleveland, McRae and Terpenning, Journal of
 * Official Statistics 6, 1990).
 *
 * The inner loop takes the trend away, smooths each position of the season by itself over the years (a local line, or its
 * mean where the season is `periodic`), takes away from that what is slow (moving averages and a local line), which leaves
 * the season; the trend is then a local line through what the season leaves. The outer loop weighs down what fits badly.
 * Local lines are found at every tenth of their window and joined, as in the paper.
 *
 * Limits: one season; two full seasons at least; the ends of the trend hang on few values. Parts add up: for a
 * multiplicative season give logarithms.
 */
import { type LocalLine, smoothLocally } from './smooth-locally.ts'

export interface StlOptions {
  period: number
  /** Values of one position that are smoothed together (odd, 7 or more), or all of them. */
  seasonalWindow: number | 'periodic'
  /** Rounds of weighing down; 0 is the plain, quick way. */
  robustRounds?: number
}

export interface Decomposition {
  trend: Float64Array
  season: Float64Array
  remainder: Float64Array
}

const INNER_ROUNDS = 2

export function decompose(values: Float64Array, options: StlOptions): Decomposition {
  const count = values.length
  const { period } = options
  if (period < 2 || count < 2 * period)
    throw new RangeError(`STL needs two seasons of ${period}, not ${count} values`)
  const windows = windowsOf(options, count)
  const robustRounds = options.robustRounds ?? 0
  const trend = new Float64Array(count)
  const season = new Float64Array(count)
  let weights: Float64Array | undefined
  for (let outer = 0; outer <= robustRounds; outer++) {
    for (let inner = 0; inner < (robustRounds > 0 && outer > 0 ? 1 : INNER_ROUNDS); inner++)
      innerRound({ values, trend, season, period, windows, weights })
    if (outer < robustRounds) weights = bisquareWeights(remainderOf(values, trend, season))
  }
  return { trend, season, remainder: remainderOf(values, trend, season) }
}

interface Windows {
  season: LocalLine | undefined
  lowPass: LocalLine
  trend: LocalLine
}

function windowsOf({ period, seasonalWindow }: StlOptions, count: number): Windows {
  const ns = seasonalWindow === 'periodic' ? 10 * count + 1 : seasonalWindow
  const line = (window: number): LocalLine => ({ window, jump: Math.ceil(window / 10) })
  return {
    season: seasonalWindow === 'periodic' ? undefined : line(ns),
    lowPass: line(oddFrom(period)),
    trend: line(oddFrom((1.5 * period) / (1 - 1.5 / ns))),
  }
}

interface Round {
  values: Float64Array
  trend: Float64Array
  season: Float64Array
  period: number
  windows: Windows
  weights: Float64Array | undefined
}

function innerRound({ values, trend, season, period, windows, weights }: Round): void {
  const count = values.length
  const detrended = values.map((value, i) => value - trend[i]!)
  // One season longer at both ends, so that the moving averages come out as long as the series.
  const cycles = smoothPositions(detrended, period, windows.season, weights)
  const slow = movingAverage(movingAverage(movingAverage(cycles, period), period), 3)
  const low = smoothLocally(slow, windows.lowPass)
  for (let i = 0; i < count; i++) season[i] = cycles[i + period]! - low[i]!
  const rest = values.map((value, i) => value - season[i]!)
  trend.set(smoothLocally(rest, windows.trend, weights))
}

function smoothPositions(
  detrended: Float64Array,
  period: number,
  line: LocalLine | undefined,
  weights: Float64Array | undefined,
): Float64Array {
  const cycles = new Float64Array(detrended.length + 2 * period)
  for (let position = 0; position < period; position++) {
    const length = Math.ceil((detrended.length - position) / period)
    const own = new Float64Array(length)
    const ownWeights = weights && new Float64Array(length)
    for (let k = 0; k < length; k++) {
      own[k] = detrended[position + k * period]!
      if (ownWeights && weights) ownWeights[k] = weights[position + k * period]!
    }
    const smooth = line ? smoothLocally(own, line, ownWeights, 1) : levelOf(own, ownWeights)
    for (let k = 0; k < length + 2; k++) cycles[position + k * period] = smooth[k]!
  }
  return cycles
}

/** The weighted mean, two values longer than what it is the mean of. */
function levelOf(values: Float64Array, weights: Float64Array | undefined): Float64Array {
  let sum = 0
  let total = 0
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1
    sum += weight * values[i]!
    total += weight
  }
  // All weighed down to nothing: the plain mean.
  if (total <= 0) return levelOf(values, undefined)
  return new Float64Array(values.length + 2).fill(sum / total)
}

/** Of each `window` neighbours: `window` − 1 values fewer than there were. */
export function movingAverage(values: Float64Array, window: number): Float64Array {
  const averages = new Float64Array(Math.max(0, values.length - window + 1))
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    sum += values[i]!
    if (i >= window) sum -= values[i - window]!
    if (i >= window - 1) averages[i - window + 1] = sum / window
  }
  return averages
}

function remainderOf(values: Float64Array, trend: Float64Array, season: Float64Array): Float64Array {
  return values.map((value, i) => value - trend[i]! - season[i]!)
}

/** 1 where it fits, 0 beyond six medians of the absolute remainder. */
function bisquareWeights(remainder: Float64Array): Float64Array {
  const sizes = remainder.map(Math.abs)
  const limit = 6 * sizes.toSorted()[sizes.length >> 1]!
  return sizes.map((size) => {
    if (size <= 0.001 * limit) return 1
    return size >= 0.999 * limit ? 0 : (1 - (size / limit) ** 2) ** 2
  })
}

/** The next odd number. */
function oddFrom(x: number): number {
  const whole = Math.max(3, Math.ceil(x))
  return whole % 2 === 1 ? whole : whole + 1
}
