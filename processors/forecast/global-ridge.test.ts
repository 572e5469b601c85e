import { expect, it } from 'vitest'
import { ridgeForecast, trainRidge } from './global-ridge.ts'
import { solvePositive } from './solve-positive.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

const WEEKS = { round: 1, year: 52 }
const season = (i: number) => 1 + 0.4 * Math.sin((2 * Math.PI * i) / 52)

it('learns a season from others that it has not seen in a series itself', () => {
  const noise = normalFrom(21)
  const others = Array.from({ length: 20 }, (_, k) => ({
    values: seriesOf(130, (i) => 10 ** (k % 4) * season(i) * (1 + 0.03 * noise())),
    phase: 0,
  }))
  const model = trainRidge(others, 8, WEEKS)!
  // A new shop with twenty weeks, which begins in the middle of the year.
  const shop = { values: seriesOf(20, (i) => 500 * season(30 + i)), phase: 30 }
  const { point } = ridgeForecast(model, shop, 8)!
  for (let h = 0; h < 8; h++) expect(Math.abs(point[h]! / (500 * season(50 + h)) - 1)).toBeLessThan(0.08)
})

it('knows no scale', () => {
  const noise = normalFrom(22)
  const shops = Array.from({ length: 4 }, () => ({ values: seriesOf(90, () => 50 + 5 * noise()), phase: 0 }))
  const model = trainRidge(shops, 2, WEEKS)!
  const units = ridgeForecast(model, shops[0]!, 2)!.point
  const cents = ridgeForecast(model, { values: shops[0]!.values.map((v) => v * 100), phase: 0 }, 2)!.point
  expect(cents[1]! / 100).toBeCloseTo(units[1]!, 8)
})

it('says nothing without rows, or of a series without sales', () => {
  const short = { values: seriesOf(10, () => 1), phase: 0 }
  expect(trainRidge([short], 2, WEEKS)).toBeNull()
  const model = trainRidge([{ values: seriesOf(200, (i) => 10 + (i % 3)), phase: 0 }], 1, WEEKS)!
  expect(ridgeForecast(model, { values: new Float64Array(30), phase: 0 }, 1)).toBeNull()
})

it('solves equations', () => {
  // 4x + 2y = 10, 2x + 3y = 9.
  const solved = solvePositive(Float64Array.of(4, 2, 2, 3), Float64Array.of(10, 9))!
  expect(solved[0]).toBeCloseTo(1.5, 12)
  expect(solved[1]).toBeCloseTo(2, 12)
  expect(solvePositive(Float64Array.of(1, 1, 1, 1), Float64Array.of(1, 1))).toBeNull()
})
