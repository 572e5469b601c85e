/**
 * STL around another method: the season that stl.ts finds goes on as in its last year, the rest is forecast by exponential
 * smoothing (simple or damped, whichever Akaike's criterion prefers) or by dynamic Theta.
 *
 * On logarithms where all values are above 0, as a shop's season grows with the shop. Needs two seasons; with fewer, or
 * with none asked for, the rest is the series as it is, or without the index that is given.
 */
import { dynamicTheta } from './dynamic-theta.ts'
import {
  type Fitted,
  type ForecastMethod,
  fillMissing,
  finiteOr,
  isPositive,
  type MethodOptions,
} from './forecast-method.ts'
import { seasonFor } from './season-for.ts'
import { addSeason, removeSeason } from './seasonal-index.ts'
import {
  extrapolate,
  type SmoothingKind,
  smoothExponentially,
  smoothingCriterion,
} from './smooth-exponentially.ts'
import { decompose } from './stl.ts'

/** Values of one position that are smoothed together: the season may change slowly over the years. */
const SEASONAL_WINDOW = 11
/** Older ones say nothing about the next. */
const MAX_SEASONS = 12
/** Where there is no season, or one of a week: 624 values. */
const MIN_SEASON = 52
const KINDS: readonly SmoothingKind[] = ['simple', 'damped']

export const stlEts: ForecastMethod = (series, horizon, options) =>
  aroundStl('stl-ets', series, horizon, options, smoothedRest)

export const stlTheta: ForecastMethod = (series, horizon, options) =>
  aroundStl('stl-theta', series, horizon, options, (rest, ahead, parameters) =>
    dynamicTheta(rest, ahead, { period: 1, parameters }),
  )

/** Where to begin: whole seasons from the start are left out, so that a given index still fits. */
function bounded(count: number, period: number): number {
  const season = Math.max(1, period)
  const most = MAX_SEASONS * Math.max(season, MIN_SEASON)
  return count <= most ? 0 : Math.ceil((count - most) / season) * season
}

type Rest = (rest: Float64Array, horizon: number, parameters?: Float64Array) => Omit<Fitted, 'method'>

function aroundStl(
  method: string,
  series: Float64Array,
  horizon: number,
  options: MethodOptions,
  forecastRest: Rest,
): Fitted {
  const { period, parameters } = options
  const whole = fillMissing(series)
  const values = whole.subarray(bounded(whole.length, period))
  const last = values.at(-1) ?? 0
  if (period < 2 || values.length < 2 * period) {
    const index = seasonFor(values, options)
    const { point, ...found } = forecastRest(removeSeason(values, index), horizon, parameters)
    return { ...found, method, point: finiteOr(addSeason(point, index, values.length), last) }
  }
  const isLogarithmic = isPositive(values)
  const scaled = isLogarithmic ? values.map(Math.log) : values
  const season = believedSeason(scaled, period)
  const rest = scaled.map((value, i) => value - season[i]!)
  const forecast = forecastRest(rest, horizon, parameters)
  const point = forecast.point.map((value, h) => {
    const whole = value + season[values.length - period + (h % period)]!
    return isLogarithmic ? Math.exp(whole) : whole
  })
  return { method, parameters: forecast.parameters, point: finiteOr(point, last) }
}

/**
 * The season times its strength, 1 − Var(remainder)/Var(season + remainder) (Wang, Smith and Hyndman 2006): what looks like a
 * season in a series that has none is mostly remainder, and goes.
 */
function believedSeason(values: Float64Array, period: number): Float64Array {
  const { season, remainder } = decompose(values, { period, seasonalWindow: SEASONAL_WINDOW })
  let unexplained = 0
  let whole = 0
  for (let i = 0; i < season.length; i++) {
    unexplained += remainder[i]! ** 2
    whole += (season[i]! + remainder[i]!) ** 2
  }
  const strength = whole > 0 ? Math.max(0, 1 - unexplained / whole) : 0
  return season.map((value) => value * strength)
}

/** The fourth parameter is the kind. */
const smoothedRest: Rest = (rest, horizon, parameters) => {
  if (parameters) {
    const smoothed = smoothExponentially(rest, KINDS[parameters[3]!]!, parameters)
    return { point: extrapolate(smoothed, horizon), parameters }
  }
  const tried = KINDS.map((kind) => smoothExponentially(rest, kind))
  const criteria = tried.map((one) => smoothingCriterion(one, rest.length))
  const best = criteria.indexOf(Math.min(...criteria))
  const chosen = tried[Math.max(0, best)]!
  return {
    point: extrapolate(chosen, horizon),
    parameters: Float64Array.of(...chosen.parameters, Math.max(0, best)),
  }
}
