import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comb } from './comb.ts'
import { cubicTrend } from './cubic-trend.ts'
import { dampedHolt } from './damped-holt.ts'
import { dynamicTheta } from './dynamic-theta.ts'
import { type ForecastMethod, fillMissing } from './forecast-method.ts'
import { naive } from './naive.ts'
import { growthOverSeason, seasonalGrowth } from './seasonal-growth.ts'
import { seasonalNaive } from './seasonal-naive.ts'
import { stlEts, stlTheta } from './stl-forecast.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'
import { theta } from './theta.ts'

const METHODS: Record<string, ForecastMethod> = {
  naive,
  seasonalNaive,
  seasonalGrowth,
  dampedHolt,
  theta,
  dynamicTheta,
  stlEts,
  stlTheta,
  comb,
  cubicTrend,
}
const SEASONAL = { seasonalNaive, seasonalGrowth, dampedHolt, theta, dynamicTheta, stlEts, stlTheta, comb }

describe.each(Object.entries(METHODS))('%s', (_, method) => {
  it.each([1, 12])('says of a constant what it is, season %i', (period) => {
    for (const length of [1, 2, 3, 7, 30, 60]) {
      const { point } = method(new Float64Array(length).fill(42), 5, { period })
      expect(point).toHaveLength(5)
      for (const value of point) expect(value).toBeCloseTo(42, 6)
    }
  })

  it('is finite whatever comes: gaps, zeros, negative, huge, short, none', () => {
    const value = fc.oneof(
      fc.constantFrom(0, Number.NaN, Number.POSITIVE_INFINITY, -5, 1e11, -1e11, 1e-9),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(value, { maxLength: 40 }), fc.constantFrom(1, 4, 7), (values, period) => {
        const { point } = method(Float64Array.from(values), 9, { period })
        return point.length === 9 && point.every(Number.isFinite)
      }),
      { numRuns: 100, seed: 1 },
    )
    expect([...method(new Float64Array(0), 2, { period: 1 }).point]).toEqual([0, 0])
  })

  it('forecasts cents as it forecasts units', () => {
    const noise = normalFrom(3)
    const series = seriesOf(80, (i) => 100 + i + 20 * Math.sin((2 * Math.PI * i) / 12) + 3 * noise())
    const units = method(series, 6, { period: 12 }).point
    const cents = method(
      series.map((value) => value * 100),
      6,
      { period: 12 },
    ).point
    for (let h = 0; h < 6; h++) expect(cents[h]! / 100 / units[h]!).toBeCloseTo(1, 6)
  })

  it('says the same with what it learned', () => {
    const noise = normalFrom(4)
    const series = seriesOf(80, (i) => 100 + i + 20 * Math.sin((2 * Math.PI * i) / 12) + 3 * noise())
    const { point, parameters } = method(series, 6, { period: 12 })
    const again = method(series, 6, { period: 12, parameters })
    for (let h = 0; h < 6; h++) expect(again.point[h]).toBeCloseTo(point[h]!, 8)
  })
})

describe.each(Object.entries(SEASONAL))('%s', (_, method) => {
  it('continues a season', () => {
    const sine = (i: number) => 100 + 30 * Math.sin((2 * Math.PI * i) / 12)
    const { point } = method(seriesOf(84, sine), 12, { period: 12 })
    for (let h = 0; h < 12; h++) expect(Math.abs(point[h]! - sine(84 + h))).toBeLessThan(1)
  })
})

it.each(Object.entries({ theta, dynamicTheta, cubicTrend }))('%s follows a straight line', (name, method) => {
  const { point } = method(
    seriesOf(60, (i) => 10 + 2 * i),
    4,
    { period: 1 },
  )
  // Theta believes in half the slope, from where smoothing has brought it.
  for (let h = 0; h < 4; h++) {
    const off = Math.abs(point[h]! - (10 + 2 * (60 + h)))
    expect(off).toBeLessThan(name === 'theta' ? 4.2 : 0.2)
  }
})

it('multiplies last year by the growth of the last quarter, and never by more than two', () => {
  const year = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150, 160]
  const grown = Float64Array.from([...year, ...year.map((value) => value * 1.1)])
  expect(growthOverSeason(grown, 16)).toBeCloseTo(1.1, 12)
  expect(seasonalGrowth(grown, 2, { period: 16 }).point[1]).toBeCloseTo(20 * 1.1 * 1.1, 10)
  expect(growthOverSeason(Float64Array.from([...year, ...year.map((value) => value * 9)]), 16)).toBe(2)
  expect(growthOverSeason(Float64Array.from([...year, ...year.map((value) => -value)]), 16)).toBe(1)
})

it('fills gaps with straight lines, and ends with what is next to them', () => {
  const gaps = Float64Array.of(Number.NaN, 2, Number.NaN, Number.NaN, 8, Number.POSITIVE_INFINITY)
  expect([...fillMissing(gaps)]).toEqual([2, 2, 4, 6, 8, 8])
  expect(fillMissing(Float64Array.of(Number.NaN))).toHaveLength(0)
})

it('uses the index that it is given', () => {
  const index = { kind: 'multiplicative' as const, values: Float64Array.of(0.5, 1.5) }
  const { point } = dampedHolt(
    seriesOf(9, (i) => (i % 2 === 0 ? 50 : 150)),
    2,
    { period: 52, index },
  )
  expect(point[0]).toBeCloseTo(150, 6)
  expect(point[1]).toBeCloseTo(50, 6)
})
