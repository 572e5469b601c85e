/**
 * How far forecasts were from what came. All take arrays of equal length; a pair with a value that is not finite is
 * left out; with no pair at all the answer is NaN: unknown, not good.
 */

/** Σ|e| / Σ|y|, as a share of 1: the money that was missed by the money that there was. */
export function wape(actual: Float64Array, forecast: Float64Array): number {
  let missed = 0
  let whole = 0
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - forecast[i]!)
    if (!Number.isFinite(error)) continue
    missed += error
    whole += Math.abs(actual[i]!)
  }
  return whole > 0 ? missed / whole : Number.NaN
}

/** Mean of 200·|e| / (|y| + |ŷ|), as in the M4 competition: from 0 to 200. A pair of zeros is no error. */
export function smape(actual: Float64Array, forecast: Float64Array): number {
  return meanOver(actual, forecast, (y, f) => {
    const size = Math.abs(y) + Math.abs(f)
    return size > 0 ? (200 * Math.abs(y - f)) / size : 0
  })
}

/**
 * Mean |e| by the mean |e| of (seasonal) naive within `history` (Hyndman and Koehler 2006): under 1 is better than that
 * was one step (season) ahead. NaN where the history is constant or no longer than the season.
 */
export function mase(
  actual: Float64Array,
  forecast: Float64Array,
  history: Float64Array,
  period = 1,
): number {
  const scale = naiveScale(history, period)
  return scale > 0 ? meanOver(actual, forecast, (y, f) => Math.abs(y - f)) / scale : Number.NaN
}

/** Mean absolute difference of values `period` apart. */
export function naiveScale(history: Float64Array, period = 1): number {
  const before = history.subarray(0, Math.max(0, history.length - period))
  return meanOver(history.subarray(Math.min(period, history.length)), before, (y, f) => Math.abs(y - f))
}

/** The M4 competition's average of both, relative to a reference's. */
export function owa(of: { smape: number; mase: number }, reference: { smape: number; mase: number }): number {
  return (of.smape / reference.smape + of.mase / reference.mase) / 2
}

function meanOver(
  actual: Float64Array,
  forecast: Float64Array,
  error: (actual: number, forecast: number) => number,
): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < actual.length; i++) {
    const of = error(actual[i]!, forecast[i]!)
    if (!Number.isFinite(of)) continue
    sum += of
    count += 1
  }
  return count > 0 ? sum / count : Number.NaN
}
