/**
 * Theta (Assimakopoulos and Nikolopoulos, International Journal of Forecasting 16, 2000), the winner of the M3 competition.
 *
 * The series is the mean of two lines: its straight line (θ = 0), which goes on as it is, and one with twice its bends
 * (θ = 2), which simple exponential smoothing continues. Equal to smoothing with half the slope as drift (Hyndman and Billah
 * 2003; a test holds it to that). A season is taken out before and put back after. Under three values: the last one.
 */
import { type ForecastMethod, fillMissing, finiteOr } from './forecast-method.ts'
import { seasonFor } from './season-for.ts'
import { addSeason, removeSeason } from './seasonal-index.ts'
import { extrapolate, smoothExponentially } from './smooth-exponentially.ts'
import { straightLine } from './straight-line.ts'

export const theta: ForecastMethod = (series, horizon, options) => {
  const values = fillMissing(series)
  const last = values.at(-1) ?? 0
  if (values.length < 3) return { method: 'theta', point: new Float64Array(horizon).fill(last) }
  const index = seasonFor(values, options)
  const rest = removeSeason(values, index)
  const { level, slope } = straightLine(rest)
  const bent = rest.map((value, i) => 2 * value - (level + slope * i))
  const smoothed = smoothExponentially(bent, 'simple', options.parameters)
  const point = extrapolate(smoothed, horizon).map(
    (value, h) => (value + level + slope * (values.length + h)) / 2,
  )
  return {
    method: 'theta',
    point: finiteOr(addSeason(point, index, values.length), last),
    parameters: smoothed.parameters,
  }
}
