/**
 * Intervals that keep what they promise: split conformal prediction from the residuals of a rolling origin, for each step
 * ahead, adapted online.
 *
 * A residual's score is |came − forecast| ÷ (growth of the step × size of the moment). Growth is how much larger errors are h
 * steps ahead than on the mean: monotone in h (pooled adjacent violators), from the pool of series where one is given. Size is
 * the mean of the forecast's and the level's absolute values: a large week errs more. So scores of all steps and moments are alike,
 * and the half-width is their quantile of rank ⌈(n + 1)(1 − α)⌉ (Vovk et al. 2005). The scores of one series are few: those
 * of the pool, brought to this series' own mean score, join them while they are under ENOUGH_SCORES.
 *
 * Adaptive conformal inference (Gibbs and Candès 2021) holds the share of misses at 1 − level whatever the data do: after each
 * origin α ← α + RATE × (1 − level − share missed). Here it walks through the backtest in the order of time; scores
 * are used only once their values had come. `adaptAlpha` takes the same step for forecasts that were published.
 *
 * Limits: scores of overlapping horizons are dependent, so coverage is about right in the long run, not guaranteed for one
 * origin. Under MIN_SCORES scores in all there is no interval to speak of: half-widths come from plain naive errors.
 */

export interface Residuals {
  /** Known values at each origin, ascending. */
  origins: number[]
  /** What came − what was forecast, by origin and step; NaN where what came is missing. */
  errors: Float64Array[]
  /** The forecasts. */
  points: Float64Array[]
  /** The mean absolute value of the last season before each origin. */
  levels: number[]
}

/** What other series lend. */
export interface ConformalPool {
  growth: Float64Array
  /** Each ÷ the mean of its series, ascending. */
  scores: Float64Array
}

export interface Band {
  lo: Float64Array
  hi: Float64Array
  /** The share of values within the bands of the backtest; NaN where none could be tested. */
  coverage: number
  /** Values behind it. */
  tested: number
  /** The misses that are now allowed for, so that 1 − level are seen. */
  alpha: number
}

export interface BandOptions {
  level: number
  pool?: ConformalPool
  /** Used where there are no residuals: the error of the step from one value to the next. */
  naiveError: number
  /** The α reached on published forecasts (adaptAlpha); the level's own to begin with. */
  alpha?: number
}

const RATE = 0.05
const ALPHA = { low: 0.002, high: 0.6 }
const ENOUGH_SCORES = 60
const MIN_SCORES = 5
const MAX_POOLED_SCORES = 5_000

/** The band around `point`, seen from a moment with `level`. */
export function conformalBand(
  point: Float64Array,
  level: number,
  residuals: Residuals,
  options: BandOptions,
): Band {
  const growth = options.pool?.growth ?? growthOf([residuals])
  const scores = scoresOf(residuals, growth)
  const walked = walk(scores, residuals, options)
  const known = withPool(ascending(scores.flatMap((of) => [...of])), options.pool)
  const half = Float64Array.from(point, (value, h) => {
    if (known.length < MIN_SCORES) return 2 * options.naiveError * Math.sqrt(h + 1)
    return quantile(known, walked.alpha) * growth[Math.min(h, growth.length - 1)]! * sizeOf(value, level)
  })
  return {
    lo: point.map((value, h) => value - half[h]!),
    hi: point.map((value, h) => value + half[h]!),
    ...walked,
  }
}

/** One step of adaptation, after a share of the values fell outside. */
export function adaptAlpha(alpha: number, level: number, shareMissed: number): number {
  return Math.min(ALPHA.high, Math.max(ALPHA.low, alpha + RATE * (1 - level - shareMissed)))
}

export function poolResiduals(all: readonly Residuals[]): ConformalPool | undefined {
  const tested = all.filter((one) => one.errors.length > 0)
  if (tested.length < 2) return undefined
  const growth = growthOf(tested)
  const scores = tested.flatMap((one) => {
    const own = scoresOf(one, growth).flatMap((of) => [...of].filter(Number.isFinite))
    const mean = own.reduce((sum, score) => sum + score, 0) / own.length
    return mean > 0 ? own.map((score) => score / mean) : []
  })
  const stride = Math.max(1, Math.ceil(scores.length / MAX_POOLED_SCORES))
  const sorted = ascending(scores)
  return { growth, scores: sorted.filter((_, i) => i % stride === stride >> 1) }
}

/** How errors grow with the step, relative to their mean: never falling, 1 where nothing is known. */
export function growthOf(all: readonly Residuals[]): Float64Array {
  const horizon = Math.max(1, ...all.map((one) => one.errors[0]?.length ?? 0))
  const sums = new Float64Array(horizon)
  const counts = new Float64Array(horizon)
  const flat = new Float64Array(horizon).fill(1)
  for (const one of all) {
    const scores = scoresOf(one, flat)
    const mean = meanFinite(scores.flatMap((of) => [...of]))
    if (!(mean > 0)) continue
    for (const of of scores) {
      for (let h = 0; h < horizon; h++) {
        if (!Number.isFinite(of[h])) continue
        sums[h] = sums[h]! + of[h]! / mean
        counts[h] = counts[h]! + 1
      }
    }
  }
  if (counts.some((count) => count === 0)) return flat
  const growth = nondecreasing(
    sums.map((sum, h) => sum / counts[h]!),
    counts,
  )
  // Nothing missed at the first steps would make a band of no width there.
  return growth.map((value) => Math.max(0.2, value))
}

/** Least squares under "never falling": pooled adjacent violators. */
export function nondecreasing(values: Float64Array, weights: Float64Array): Float64Array {
  const blocks: { mean: number; weight: number; length: number }[] = []
  for (let i = 0; i < values.length; i++) {
    let block = { mean: values[i]!, weight: weights[i]!, length: 1 }
    while (blocks.length > 0 && blocks.at(-1)!.mean > block.mean) {
      const before = blocks.pop()!
      const weight = before.weight + block.weight
      const mean = (before.mean * before.weight + block.mean * block.weight) / weight
      block = { mean, weight, length: before.length + block.length }
    }
    blocks.push(block)
  }
  return Float64Array.from(blocks.flatMap(({ mean, length }) => new Array<number>(length).fill(mean)))
}

/** The least score that at least (n + 1)(1 − α) of n scores do not exceed; the greatest where n is too small for that. */
export function quantile(sorted: Float64Array, alpha: number): number {
  // A hair less, so that 10 × 0.9 is 9 and not 9.000000000000001.
  const rank = Math.ceil((sorted.length + 1) * (1 - alpha) - 1e-9)
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] ?? 0
}

/** Through the origins in time: each is tested with what had come before it, then α takes its step. */
function walk(scores: Float64Array[], { origins }: Residuals, { level, pool, ...options }: BandOptions) {
  let alpha = options.alpha ?? 1 - level
  let covered = 0
  let tested = 0
  for (let o = 0; o < origins.length; o++) {
    const known = withPool(cameBefore(scores, origins, o), pool)
    if (known.length < MIN_SCORES * 2) continue
    const limit = quantile(known, alpha)
    const now = scores[o]!.filter(Number.isFinite)
    const missed = now.reduce((count, score) => count + (score > limit ? 1 : 0), 0)
    if (now.length === 0) continue
    covered += now.length - missed
    tested += now.length
    alpha = adaptAlpha(alpha, level, missed / now.length)
  }
  return { alpha, tested, coverage: tested > 0 ? covered / tested : Number.NaN }
}

function cameBefore(scores: Float64Array[], origins: number[], now: number): Float64Array {
  const known: number[] = []
  for (let o = 0; o < now; o++) {
    const came = Math.min(scores[o]!.length, origins[now]! - origins[o]!)
    for (let h = 0; h < came; h++) known.push(scores[o]![h]!)
  }
  return ascending(known)
}

function withPool(own: Float64Array, pool: ConformalPool | undefined): Float64Array {
  if (!pool || own.length >= ENOUGH_SCORES || own.length < MIN_SCORES) return own
  const mean = meanFinite([...own])
  // As many of the pool's, evenly spread over its quantiles, as are wanting.
  const wanting = ENOUGH_SCORES - own.length
  const lent = Array.from(
    { length: Math.min(wanting, pool.scores.length) },
    (_, i) => mean * pool.scores[Math.floor(((i + 0.5) * pool.scores.length) / wanting)]!,
  )
  return ascending([...own, ...lent.filter(Number.isFinite)])
}

function scoresOf({ errors, points, levels }: Residuals, growth: Float64Array): Float64Array[] {
  return errors.map((of, o) =>
    of.map(
      (error, h) =>
        Math.abs(error) / (growth[Math.min(h, growth.length - 1)]! * sizeOf(points[o]![h]!, levels[o]!)),
    ),
  )
}

/** Never 0: a series of zeros has scores of 0 and not NaN. */
function sizeOf(point: number, level: number): number {
  return (Math.abs(point) + Math.abs(level)) / 2 || 1
}

function ascending(values: readonly number[]): Float64Array {
  return Float64Array.from(values.filter(Number.isFinite)).sort()
}

function meanFinite(values: readonly number[]): number {
  const known = values.filter(Number.isFinite)
  return known.length > 0 ? known.reduce((sum, value) => sum + value, 0) / known.length : Number.NaN
}
