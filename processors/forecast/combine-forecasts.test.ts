import { expect, it } from 'vitest'
import { accuracyOf, planOrigins, rollOrigins } from './backtest.ts'
import { forecastEnsemble, meanAbsoluteError, weightedMean, weightsByError } from './combine-forecasts.ts'
import { naive } from './naive.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

it('plans origins back from the end', () => {
  const options = { horizon: 8, most: 3, stride: 2, least: 10 }
  expect(planOrigins(30, options).origins).toEqual([18, 20, 22])
  expect(planOrigins(21, options).origins).toEqual([11, 13])
  expect(planOrigins(12, options).origins).toEqual([])
})

it('shows a forecast nothing of what it is judged by', () => {
  const series = seriesOf(30, (i) => i)
  const plan = { origins: [10, 20], horizon: 5 }
  const seen = rollOrigins(series, plan, (known) => Float64Array.from(known.subarray(-1)))
  expect(seen.map((of) => [...of])).toEqual([[9], [19]])
})

it('measures a backtest as by hand', () => {
  const series = Float64Array.of(1, 2, 4, 8, 4)
  const plan = { origins: [2, 3], horizon: 2 }
  const rolled = [Float64Array.of(3, 3), Float64Array.of(8, 8)]
  const accuracy = accuracyOf(series, plan, rolled, 2)
  expect(accuracy.wape).toBeCloseTo((1 + 5 + 0 + 4) / (4 + 8 + 8 + 4), 12)
  // Naive within 1, 2 errs by 1 and within 1, 2, 4 by 1.5; two apart only the second has one, of 3.
  expect(accuracy.maseNaive).toBeCloseTo((3 / 1 + 2 / 1.5) / 2, 12)
  expect(accuracy.maseSeasonalNaive).toBeCloseTo(2 / 3, 12)
})

it('counts only what had come', () => {
  const series = Float64Array.of(0, 0, 1, 1, 1, 1)
  const rolled = [new Float64Array(3), new Float64Array(3)]
  const plan = { origins: [1, 3], horizon: 3 }
  expect(meanAbsoluteError(series, plan, rolled)).toEqual({ error: 5 / 6, origins: 2 })
  expect(meanAbsoluteError(series, plan, rolled, 3)).toEqual({ error: 1 / 2, origins: 1 })
  expect(meanAbsoluteError(series, plan, rolled, 1).error).toBeNaN()
})

it('weighs by the inverse square of errors, half-way to the plain mean after six origins', () => {
  // 1/1² and 1/2² are four fifths and one fifth.
  expect([...weightsByError([1, 2], 6)]).toEqual([expect.closeTo((0.8 + 0.5) / 2), expect.closeTo(0.35)])
  expect([...weightsByError([1, 2], 2)]).toEqual([0.5, 0.5])
  expect([...weightsByError([1, Number.NaN], 9)]).toEqual([0.5, 0.5])
  expect([...weightsByError([0, 0], 9)]).toEqual([0.5, 0.5])
  const [sure] = weightsByError([0, 1], 1e9)
  expect(sure).toBeGreaterThan(0.999)
})

it('adds up weighted forecasts', () => {
  const points = [Float64Array.of(1, 2), Float64Array.of(3, 6)]
  expect([...weightedMean(points, Float64Array.of(0.75, 0.25))]).toEqual([1.5, 3])
})

it('finds out which method is right', () => {
  const noise = normalFrom(6)
  const series = seriesOf(96, (i) => 100 + 40 * Math.sin((2 * Math.PI * i) / 12) + noise())
  const { models } = forecastEnsemble(series, 6, { period: 12, methods: [naive, seasonalNaive], origins: 6 })
  expect(models[1]).toMatchObject({ method: 'seasonal-naive' })
  expect(models[1]!.weight).toBeGreaterThan(0.7)
})

it('is the plain mean without a backtest', () => {
  const series = seriesOf(96, (i) => i)
  const { models, point } = forecastEnsemble(series, 2, { period: 1, origins: 0 })
  expect(models.map(({ weight }) => weight)).toEqual([1 / 3, 1 / 3, 1 / 3])
  expect(point).toHaveLength(2)
})
