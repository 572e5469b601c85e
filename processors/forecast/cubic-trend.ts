/**
 * A polynomial of degree 3 through the whole series by least squares, and on. A baseline that looks good on a chart of the
 * past and is not: on weekly sales eight weeks ahead it misses three times as much as seasonal methods. It is
 * computed to be compared with and never has a weight. Under eight values: the mean.
 */
import { type ForecastMethod, fillMissing, finiteOr, meanOf } from './forecast-method.ts'
import { solvePositive } from './solve-positive.ts'

const TERMS = 4
const MIN_VALUES = 8

export const cubicTrend: ForecastMethod = (series, horizon) => {
  const values = fillMissing(series)
  const mean = meanOf(values)
  const method = 'cubic-trend'
  const coefficients = values.length < MIN_VALUES ? null : fitCubic(values)
  if (!coefficients) return { method, point: new Float64Array(horizon).fill(mean) }
  const point = new Float64Array(horizon)
  for (let h = 0; h < horizon; h++) point[h] = at(coefficients, values.length + h, values.length)
  return { method, point: finiteOr(point, mean) }
}

/** Time runs from −1 to 1, so that powers stay apart. */
function scaledTime(i: number, count: number): number {
  return (2 * i) / (count - 1) - 1
}

function at(coefficients: Float64Array, i: number, count: number): number {
  const x = scaledTime(i, count)
  return coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)
}

function fitCubic(values: Float64Array): Float64Array | null {
  const normal = new Float64Array(TERMS * TERMS)
  const right = new Float64Array(TERMS)
  for (let i = 0; i < values.length; i++) {
    const x = scaledTime(i, values.length)
    const powers = [1, x, x * x, x ** 3]
    for (let p = 0; p < TERMS; p++) {
      right[p] = right[p]! + powers[p]! * values[i]!
      for (let q = 0; q < TERMS; q++) normal[p * TERMS + q] = normal[p * TERMS + q]! + powers[p]! * powers[q]!
    }
  }
  return solvePositive(normal, right)
}
