/**
 * Holt's smoothing with a damped trend (Gardner and McKenzie 1985), on the series without its season. The optimum is
 * searched for as smooth-exponentially.ts says. Under three values: the last level.
 */
import { type ForecastMethod, fillMissing, finiteOr } from './forecast-method.ts'
import { seasonFor } from './season-for.ts'
import { addSeason, removeSeason } from './seasonal-index.ts'
import { extrapolate, smoothExponentially } from './smooth-exponentially.ts'

export const dampedHolt: ForecastMethod = (series, horizon, options) => {
  const values = fillMissing(series)
  const index = seasonFor(values, options)
  const smoothed = smoothExponentially(removeSeason(values, index), 'damped', options.parameters)
  const point = addSeason(extrapolate(smoothed, horizon), index, values.length)
  return {
    method: 'damped-holt',
    point: finiteOr(point, values.at(-1) ?? 0),
    parameters: smoothed.parameters,
  }
}
