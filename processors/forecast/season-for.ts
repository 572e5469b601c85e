/**
 * Which seasonal index a method works with: the one it is given, else its own where there are two seasons and the season is
 * plain to see (the autocorrelation at the season's lag is significant at 90 %, Bartlett's formula, as in the M4 competition's
 * benchmarks), else none.
 */
import { type MethodOptions, meanOf, type SeasonalIndex } from './forecast-method.ts'
import { ownIndex } from './seasonal-index.ts'

const SIGNIFICANCE = 1.645

export function seasonFor(values: Float64Array, options: MethodOptions): SeasonalIndex | undefined {
  const { period, index } = options
  if (index) return index
  if (period < 2 || values.length < 2 * period || !isSeasonal(values, period)) return undefined
  return ownIndex(values, period)
}

export function isSeasonal(values: Float64Array, period: number): boolean {
  const mean = meanOf(values)
  const centred = values.map((value) => value - mean)
  const variance = covariance(centred, 0)
  // Constant.
  if (variance <= 0) return false
  const size = Math.abs(covariance(centred, period) / variance)
  let limit = SIGNIFICANCE ** 2 / values.length
  // The limit only grows with every lag: most series without a season are known after a few.
  for (let lag = 1; lag < period && size ** 2 > limit; lag++)
    limit += (2 * SIGNIFICANCE ** 2 * (covariance(centred, lag) / variance) ** 2) / values.length
  return size ** 2 > limit
}

function covariance(centred: Float64Array, lag: number): number {
  let sum = 0
  for (let i = lag; i < centred.length; i++) sum += centred[i]! * centred[i - lag]!
  return sum
}
