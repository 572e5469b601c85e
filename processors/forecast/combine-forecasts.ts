/**
 * Several forecasts as one: a weighted mean, weights by backtest (Bates and Granger 1969), pulled towards the plain mean,
 * which is hard to beat (Clemen 1989; the M4 competition).
 *
 *     w ∝ 1 / E²,  E the method's mean absolute error over origins and horizons;  weight = b·w + (1 − b)/methods,
 *     b = origins / (origins + PULL)
 *
 * Under MIN_ORIGINS origins, or where an error is unknown, the mean is plain. A method whose error is 0 (a constant
 * series) counts as one with a ten-thousandth of the others' mean error: all of them then agree anyway.
 */
import { type BacktestPlan, planOrigins, type Rolled, rollOrigins } from './backtest.ts'
import { dampedHolt } from './damped-holt.ts'
import type { ForecastMethod } from './forecast-method.ts'
import { stlEts } from './stl-forecast.ts'
import { theta } from './theta.ts'

export interface Weighted {
  method: string
  weight: number
}

export interface Combined {
  point: Float64Array
  models: Weighted[]
}

const PULL = 6
const MIN_ORIGINS = 3

/** One weight a method, in their order; they add up to 1. */
export function weightsByError(errors: readonly number[], origins: number): Float64Array {
  const plain = new Float64Array(errors.length).fill(1 / errors.length)
  if (origins < MIN_ORIGINS || !errors.every((error) => Number.isFinite(error) && error >= 0)) return plain
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  if (mean <= 0) return plain
  const inverse = errors.map((error) => 1 / Math.max(error / mean, 1e-4) ** 2)
  const whole = inverse.reduce((sum, value) => sum + value, 0)
  const believed = origins / (origins + PULL)
  return plain.map((equal, i) => believed * (inverse[i]! / whole) + (1 - believed) * equal)
}

/**
 * The mean absolute error of a method over the origins before `before` (all, if left out). Of what an origin forecast, only
 * what had come by `before` counts: so weights for a moment of the past know nothing of what followed.
 */
export function meanAbsoluteError(
  series: Float64Array,
  { origins, horizon }: BacktestPlan,
  rolled: Rolled,
  before = series.length,
): { error: number; origins: number } {
  let sum = 0
  let count = 0
  let used = 0
  for (let o = 0; o < origins.length; o++) {
    const until = Math.min(origins[o]! + horizon, before)
    let known = 0
    for (let i = origins[o]!; i < until; i++) {
      const error = Math.abs(series[i]! - rolled[o]![i - origins[o]!]!)
      if (!Number.isFinite(error)) continue
      sum += error
      known += 1
    }
    count += known
    if (known > 0) used += 1
  }
  return { error: count > 0 ? sum / count : Number.NaN, origins: used }
}

/** Σ weight × forecast. */
export function weightedMean(points: readonly Float64Array[], weights: Float64Array): Float64Array {
  const mean = new Float64Array(points[0]?.length ?? 0)
  for (let k = 0; k < points.length; k++)
    for (let h = 0; h < mean.length; h++) mean[h] = mean[h]! + weights[k]! * points[k]![h]!
  return mean
}

/** What is combined where a series stands alone: three that err in different ways. */
export const ENSEMBLE: readonly ForecastMethod[] = [theta, stlEts, dampedHolt]

export interface EnsembleOptions {
  period: number
  methods?: readonly ForecastMethod[]
  /** Origins of the backtest behind the weights, a horizon apart; 0 for the plain mean. */
  origins?: number
}

/** Twelve years of weeks. What lies before says nothing about the next, and a bound on the work is wanted. */
const MAX_HISTORY = 624

/** The forecast of a single series without calendar or neighbours. */
export function forecastEnsemble(
  whole: Float64Array,
  horizon: number,
  { period, methods = ENSEMBLE, origins = 3 }: EnsembleOptions,
): Combined {
  const series = whole.subarray(-MAX_HISTORY)
  const least = Math.max(3 * horizon, 2 * period)
  const plan = planOrigins(series.length, { horizon, most: origins, stride: horizon, least })
  const fits = methods.map((method) => method(series, horizon, { period }))
  const errors = methods.map((method) => {
    let parameters: Float64Array | undefined
    const rolled = rollOrigins(series, plan, (known) => {
      const fitted = method(known, horizon, { period, parameters })
      parameters = fitted.parameters
      return fitted.point
    })
    return meanAbsoluteError(series, plan, rolled).error
  })
  const weights = weightsByError(errors, plan.origins.length)
  return {
    point: weightedMean(
      fits.map((fit) => fit.point),
      weights,
    ),
    models: fits.map(({ method }, k) => ({ method, weight: weights[k]! })),
  }
}
