/** Against the worked examples of Hyndman and Athanasopoulos, "Forecasting: principles and practice", second edition, chapter 7. */
import { expect, it } from 'vitest'
import { extrapolate, smoothExponentially, smoothingCriterion } from './smooth-exponentially.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

/** Oil production in Saudi Arabia, 1996 to 2013, million tonnes. */
const OIL = Float64Array.of(
  445.36,
  453.2,
  454.41,
  422.38,
  456.04,
  440.39,
  425.19,
  486.21,
  500.43,
  521.28,
  508.95,
  488.89,
  509.87,
  456.72,
  473.82,
  525.95,
  549.83,
  542.34,
)
/** Air passengers in Australia, 1990 to 2016, millions. */
const AIR = Float64Array.of(
  17.55,
  21.86,
  23.89,
  26.93,
  26.89,
  28.83,
  30.08,
  30.95,
  30.19,
  31.58,
  32.58,
  33.48,
  39.02,
  41.39,
  41.6,
  44.66,
  46.95,
  48.73,
  51.49,
  50.03,
  60.64,
  63.36,
  66.36,
  68.2,
  68.12,
  69.78,
  72.6,
)

it('finds the published parameters and forecast of simple smoothing', () => {
  const smoothed = smoothExponentially(OIL, 'simple')
  expect(smoothed.parameters[0]).toBeCloseTo(0.83, 2)
  expect(smoothed.firstLevel).toBeCloseTo(446.6, 0)
  expect(extrapolate(smoothed, 1)[0]).toBeCloseTo(542.68, 1)
})

it('finds the published forecasts of Holt’s trend', () => {
  const published = [74.6, 76.7, 78.8, 80.91, 83.01]
  const point = extrapolate(smoothExponentially(AIR, 'trend'), 5)
  published.forEach((value, h) => {
    expect(Math.abs(point[h]! - value)).toBeLessThan(0.03)
  })
})

it('damps: each step is φ times the one before', () => {
  const smoothed = smoothExponentially(AIR, 'damped', Float64Array.of(0.5, 0.1, 0.9))
  const point = extrapolate(smoothed, 3)
  expect((point[2]! - point[1]!) / (point[1]! - point[0]!)).toBeCloseTo(0.9, 10)
})

it('starts where the errors are least', () => {
  // α = ½, one trial by hand: values 1, 2 from level l have errors 1 − l and 2 − (l + 1)/2, least at l = 1.4.
  const smoothed = smoothExponentially(Float64Array.of(1, 2), 'simple', Float64Array.of(0.5, 0, 1))
  expect(smoothed.firstLevel).toBeCloseTo(1.4, 12)
  expect(smoothed.sumOfSquares).toBeCloseTo(0.4 ** 2 + 0.8 ** 2, 12)
  expect(smoothed.level).toBeCloseTo(1.6, 12)
})

it('prefers a trend where there is one, and none where there is none', () => {
  const noise = normalFrom(1)
  const level = seriesOf(100, () => 50 + noise())
  const line = seriesOf(100, (i) => 50 + i + noise())
  const better = (values: Float64Array) => {
    const of = (kind: 'simple' | 'trend') => smoothingCriterion(smoothExponentially(values, kind), 100)
    return of('trend') < of('simple') ? 'trend' : 'simple'
  }
  expect([better(level), better(line)]).toEqual(['simple', 'trend'])
})
