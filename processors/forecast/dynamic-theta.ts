/**
 * Dynamic optimised Theta, DOTM (Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, International Journal of Forecasting
 * 32, 2016): Theta whose straight line is fitted anew at every step, and whose θ is estimated.
 *
 *     forecast μ = l + (1 − 1/θ)((1 − α)^(t−1) A + (1 − (1 − α)^t)/α · B),  l ← αy + (1 − α)l
 *
 * with A and B the line through the values so far. For a given α the forecast is linear in the first level and in
 * ω = 1 − 1/θ, so both come from two equations (ω held within 0 … 1), and only α is searched for. Errors count from the
 * third value on. Steps ahead feed their own forecast back, as in the paper. Under five values: the last one.
 */
import { type ForecastMethod, fillMissing, finiteOr } from './forecast-method.ts'
import { minimiseOnInterval } from './minimise.ts'
import { seasonFor } from './season-for.ts'
import { addSeason, removeSeason } from './seasonal-index.ts'

const ALPHA = { low: 0.1, high: 0.99 }
/** θ up to 1,000. */
const MAX_OMEGA = 0.999
/** The errors of the first two values say nothing: there is no line yet. */
const FIRST_COUNTED = 2
/** Five years of weeks. */
const MAX_SEARCHED = 260

export const dynamicTheta: ForecastMethod = (series, horizon, options) => {
  const values = fillMissing(series)
  const last = values.at(-1) ?? 0
  if (values.length < 5) return { method: 'dynamic-theta', point: new Float64Array(horizon).fill(last) }
  const index = seasonFor(values, options)
  const rest = removeSeason(values, index)
  const parameters = options.parameters ?? fitAlpha(rest)
  const point = project(rest, parameters, horizon)
  return {
    method: 'dynamic-theta',
    point: finiteOr(addSeason(point, index, values.length), last),
    parameters,
  }
}

/** α alone is searched for, on the last years; ω and the first level follow from it and the whole series. */
function fitAlpha(values: Float64Array): Float64Array {
  const recent = values.subarray(-MAX_SEARCHED)
  return Float64Array.of(minimiseOnInterval((a) => profile(recent, a).sumOfSquares, ALPHA))
}

/** For one α the best ω and first level. */
function profile(values: Float64Array, alpha: number) {
  const keep = 1 - alpha
  const guess = values[0]!
  let level = guess
  let power = 1
  let mean = 0
  let slope = 0
  let see = 0
  let s11 = 0
  let s12 = 0
  let s22 = 0
  let r1 = 0
  let r2 = 0
  for (let i = 0; i < values.length; i++) {
    const y = values[i]!
    // `power` is (1 − α)^(t−1), and what a unit of the first level still adds; `line` what the straight line adds.
    const intercept = mean - ((i + 1) / 2) * slope
    const line = power * intercept + ((1 - power * keep) / alpha) * slope
    if (i >= FIRST_COUNTED) {
      const e = y - level
      see += e * e
      s11 += power * power
      s12 += power * line
      s22 += line * line
      r1 += power * e
      r2 += line * e
    }
    level = alpha * y + keep * level
    power *= keep
    slope = slopeAfter(slope, mean, y, i + 1)
    mean += (y - mean) / (i + 1)
  }
  const determinant = s11 * s22 - s12 * s12
  const free = determinant > 1e-12 * s11 * s22 ? (r2 * s11 - r1 * s12) / determinant : 0
  const omega = Math.min(MAX_OMEGA, Math.max(0, free))
  const shift = s11 > 0 ? (r1 - omega * s12) / s11 : 0
  const sumOfSquares =
    see - 2 * (omega * r2 + shift * r1) + omega * omega * s22 + 2 * omega * shift * s12 + shift * shift * s11
  return { omega, firstLevel: guess + shift, sumOfSquares }
}

/** The slope of the line through t values from that through t − 1 (0 for one). */
function slopeAfter(slope: number, meanBefore: number, y: number, t: number): number {
  if (t < 2) return 0
  return ((t - 2) * slope + (6 / t) * (y - meanBefore)) / (t + 1)
}

function project(values: Float64Array, parameters: Float64Array, horizon: number): Float64Array {
  const alpha = parameters[0]!
  const { omega, firstLevel } = profile(values, alpha)
  const keep = 1 - alpha
  const point = new Float64Array(horizon)
  let level = firstLevel
  let power = 1
  let mean = 0
  let slope = 0
  for (let i = 0; i < values.length + horizon; i++) {
    const intercept = mean - ((i + 1) / 2) * slope
    const line = power * intercept + ((1 - power * keep) / alpha) * slope
    const forecast = level + omega * line
    if (i >= values.length) point[i - values.length] = forecast
    const y = values[i] ?? forecast
    level = alpha * y + keep * level
    power *= keep
    slope = slopeAfter(slope, mean, y, i + 1)
    mean += (y - mean) / (i + 1)
  }
  return point
}
