/**
 * Exponential smoothing without a season: simple, with a trend, with a damped trend (Gardner and McKenzie 1985; the
 * innovations form of Hyndman, Koehler, Snyder and Grose 2002).
 *
 *     forecast f = l + φb;  error e = y − f;  l ← f + αe;  b ← φb + αβe
 *
 * The one-step errors are linear in the level and the trend at the start. So for given α, β and φ the best start is the
 * solution of two equations, which the same pass over the series collects, and only α, β and φ are searched for, within
 * bounds, for the least sum of squares. Errors are additive. Limits: a season has to be taken out before; the search has a
 * fixed budget, so that the parameters are good to about two digits, which forecasts do not notice.
 */
import { minimiseInBox, minimiseOnInterval } from './minimise.ts'

export type SmoothingKind = 'simple' | 'trend' | 'damped'

export interface Smoothed {
  kind: SmoothingKind
  /** α, β, φ. */
  parameters: Float64Array
  sumOfSquares: number
  /** Of the last step. */
  level: number
  trend: number
  /** In front of the first value. */
  firstLevel: number
  firstTrend: number
}

const ALPHA = { low: 0.01, high: 0.99 }
const BETA = { low: 0.0001, high: 0.6 }
const PHI = { low: 0.8, high: 0.98 }
/** Of the squares of what the start adds to the forecasts. */
const FORGOTTEN = 1e-18
/** Five years of weeks: the parameters are those of the last years; the pass that smooths sees the whole series. */
const MAX_SEARCHED = 260
/** Where the search begins; the best of these. */
const STARTS = [
  [0.2, 0.05],
  [0.5, 0.1],
  [0.9, 0.05],
] as const

/** Fits, or with `parameters` only smooths. An empty series has level 0. */
export function smoothExponentially(
  values: Float64Array,
  kind: SmoothingKind,
  parameters?: Float64Array,
): Smoothed {
  const found = parameters ?? search(values, kind)
  return { kind, parameters: found, ...pass(values, found[0]!, found[1]!, found[2]!, kind !== 'simple') }
}

/** The path behind the last value. */
export function extrapolate(smoothed: Smoothed, horizon: number): Float64Array {
  const phi = smoothed.parameters[2]!
  const point = new Float64Array(horizon)
  let sum = 0
  let power = 1
  for (let h = 0; h < horizon; h++) {
    power *= phi
    sum += power
    point[h] = smoothed.level + (smoothed.kind === 'simple' ? 0 : sum * smoothed.trend)
  }
  return point
}

/** Akaike's criterion for small samples: lower is better; kinds are compared on the same series. */
export function smoothingCriterion({ kind, sumOfSquares }: Smoothed, count: number): number {
  const free = { simple: 3, trend: 5, damped: 6 }[kind]
  if (count <= free + 1) return kind === 'simple' ? 0 : Number.POSITIVE_INFINITY
  const deviance = count * Math.log(Math.max(sumOfSquares / count, Number.MIN_VALUE))
  return deviance + 2 * free + (2 * free * (free + 1)) / (count - free - 1)
}

function search(series: Float64Array, kind: SmoothingKind): Float64Array {
  const values = series.subarray(-MAX_SEARCHED)
  const isTrended = kind !== 'simple' && values.length > 3
  if (!isTrended) {
    const alpha = minimiseOnInterval((a) => pass(values, a, 0, 1, false).sumOfSquares, ALPHA)
    return Float64Array.of(alpha, 0, 1)
  }
  const isDamped = kind === 'damped'
  const cost = ([alpha, beta, phi]: readonly number[]) =>
    pass(values, alpha!, beta!, phi ?? 1, true).sumOfSquares
  const starts = STARTS.map((start) => (isDamped ? [...start, 0.95] : [...start]))
  const costs = starts.map(cost)
  const start = starts[costs.indexOf(Math.min(...costs))] ?? starts[0]!
  const box = isDamped ? [ALPHA, BETA, PHI] : [ALPHA, BETA]
  const [alpha, beta, phi] = minimiseInBox(cost, start, box, isDamped ? 60 : 45)
  return Float64Array.of(alpha!, beta!, phi ?? 1)
}

/**
 * One pass from a guessed start, with what a unit more of the first level (1) and of the first trend (2) would change; then
 * the start is corrected to the best one. From a guess nearby, so that no large numbers cancel.
 */
function pass(values: Float64Array, alpha: number, beta: number, phi: number, isTrended: boolean) {
  const guess = guessStart(values, isTrended)
  const gain = alpha * beta
  let l = guess.level
  let b = guess.trend
  let l1 = 1
  let b1 = 0
  let l2 = 0
  let b2 = isTrended ? 1 : 0
  let sum = 0
  let s11 = 0
  let s12 = 0
  let s22 = 0
  let r1 = 0
  let r2 = 0
  let t = 0
  for (; t < values.length; t++) {
    const f = l + phi * b
    const e = values[t]! - f
    sum += e * e
    l = f + alpha * e
    b = phi * b + gain * e
    const f1 = l1 + phi * b1
    const f2 = l2 + phi * b2
    s11 += f1 * f1
    s12 += f1 * f2
    s22 += f2 * f2
    r1 += f1 * e
    r2 += f2 * e
    l1 = f1 - alpha * f1
    b1 = phi * b1 - gain * f1
    l2 = f2 - alpha * f2
    b2 = phi * b2 - gain * f2
    // The start is forgotten: what remains only smooths.
    if (t % 16 === 15 && f1 * f1 + f2 * f2 < FORGOTTEN * (s11 + s22)) break
  }
  for (t += 1; t < values.length; t++) {
    const f = l + phi * b
    const e = values[t]! - f
    sum += e * e
    l = f + alpha * e
    b = phi * b + gain * e
  }
  const determinant = s11 * s22 - s12 * s12
  // As good as singular (one value, or no trend): the level alone.
  const isFull = isTrended && values.length > 2 && determinant > 1e-9 * s11 * s22
  const x1 = isFull ? (r1 * s22 - r2 * s12) / determinant : s11 > 0 ? r1 / s11 : 0
  const x2 = isFull ? (r2 * s11 - r1 * s12) / determinant : 0
  return {
    sumOfSquares: Math.max(0, sum - x1 * r1 - x2 * r2),
    level: l + x1 * l1 + x2 * l2,
    trend: b + x1 * b1 + x2 * b2,
    firstLevel: guess.level + x1,
    firstTrend: guess.trend + x2,
  }
}

function guessStart(values: Float64Array, isTrended: boolean) {
  const first = values[0] ?? 0
  if (!isTrended || values.length < 3) return { level: first, trend: 0 }
  const span = Math.min(10, values.length - 1)
  const trend = (values[span]! - first) / span
  return { level: first - trend, trend }
}
