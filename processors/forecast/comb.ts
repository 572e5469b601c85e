/**
 * Comb: the mean of simple, trended and damped exponential smoothing (Makridakis and Hibon 2000), on the series without its
 * season. Three wrongs of different kinds; hard to beat where history is short.
 */
import { type ForecastMethod, fillMissing, finiteOr } from './forecast-method.ts'
import { seasonFor } from './season-for.ts'
import { addSeason, removeSeason } from './seasonal-index.ts'
import { extrapolate, type SmoothingKind, smoothExponentially } from './smooth-exponentially.ts'

const KINDS: readonly SmoothingKind[] = ['simple', 'trend', 'damped']
/** α, β and φ of each. */
const PARAMETERS = 3

export const comb: ForecastMethod = (series, horizon, options) => {
  const values = fillMissing(series)
  const index = seasonFor(values, options)
  const rest = removeSeason(values, index)
  const smoothed = KINDS.map((kind, k) =>
    smoothExponentially(rest, kind, options.parameters?.subarray(k * PARAMETERS, (k + 1) * PARAMETERS)),
  )
  const points = smoothed.map((one) => extrapolate(one, horizon))
  const mean = points[0]!.map((_, h) => points.reduce((sum, point) => sum + point[h]!, 0) / points.length)
  return {
    method: 'comb',
    point: finiteOr(addSeason(mean, index, values.length), values.at(-1) ?? 0),
    parameters: Float64Array.from(smoothed.flatMap((one) => [...one.parameters])),
  }
}
