import { expect, it } from 'vitest'
import {
  adaptAlpha,
  conformalBand,
  growthOf,
  nondecreasing,
  poolResiduals,
  quantile,
  type Residuals,
} from './conformal.ts'
import { normalFrom } from './testing/noise.ts'

/** Forecasts of 100 whose errors grow with the step; `sd` may change with the origin. */
function simulated(origins: number, horizon: number, sd: (o: number) => number, seed: number): Residuals {
  const noise = normalFrom(seed)
  return {
    origins: Array.from({ length: origins }, (_, o) => 50 + o * horizon),
    errors: Array.from({ length: origins }, (_, o) =>
      Float64Array.from({ length: horizon }, (_, h) => sd(o) * Math.sqrt(h + 1) * noise()),
    ),
    points: Array.from({ length: origins }, () => new Float64Array(horizon).fill(100)),
    levels: new Array<number>(origins).fill(100),
  }
}

const point = new Float64Array(4).fill(100)
const bandOf = (residuals: Residuals, level: number) =>
  conformalBand(point, 100, residuals, { level, naiveError: 1 })

it.each([0.8, 0.95])('covers what it promises, measured and seen, at %s', (level) => {
  const { coverage, tested, lo, hi } = bandOf(
    simulated(300, 4, () => 5, 1),
    level,
  )
  expect(tested).toBeGreaterThan(1_100)
  expect(Math.abs(coverage - level)).toBeLessThan(0.02)
  const fresh = simulated(2_000, 4, () => 5, 2).errors
  for (const h of [0, 3]) {
    const within = fresh.filter((of) => 100 + of[h]! >= lo[h]! && 100 + of[h]! <= hi[h]!).length
    expect(Math.abs(within / fresh.length - level)).toBeLessThan(0.05)
  }
  // Errors of the fourth step are twice those of the first.
  expect((hi[3]! - lo[3]!) / (hi[0]! - lo[0]!)).toBeGreaterThan(1.6)
})

it('allows fewer misses while there are too many, so that coverage comes back', () => {
  const calm = simulated(60, 4, () => 2, 3)
  const stirred = simulated(120, 4, (o) => (o < 60 ? 2 : 8), 3)
  expect(bandOf(stirred, 0.8).coverage).toBeGreaterThan(0.74)
  const before = bandOf(calm, 0.8)
  const after = bandOf(stirred, 0.8)
  expect(after.hi[0]! - after.lo[0]!).toBeGreaterThan(2 * (before.hi[0]! - before.lo[0]!))
  expect(adaptAlpha(0.2, 0.8, 1)).toBeCloseTo(0.2 + 0.05 * (0.2 - 1), 12)
  expect(adaptAlpha(0.2, 0.8, 0)).toBeCloseTo(0.21, 12)
  expect(adaptAlpha(0.002, 0.95, 1)).toBe(0.002)
})

it('takes the rank that split conformal prediction asks for', () => {
  const nine = Float64Array.from({ length: 9 }, (_, i) => i + 1)
  // ⌈10 × 0.8⌉ = 8, ⌈10 × 0.9⌉ = 9, and beyond that the greatest.
  expect([0.2, 0.1, 0.01].map((alpha) => quantile(nine, alpha))).toEqual([8, 9, 9])
  expect(quantile(new Float64Array(0), 0.1)).toBe(0)
})

it('never lets the growth of errors fall', () => {
  const equal = (count: number) => new Float64Array(count).fill(1)
  expect([...nondecreasing(Float64Array.of(1, 3, 2, 2, 5), equal(5))]).toEqual([1, 7 / 3, 7 / 3, 7 / 3, 5])
  expect([...nondecreasing(Float64Array.of(3, 2, 1), equal(3))]).toEqual([2, 2, 2])
  const growth = growthOf([simulated(100, 4, () => 5, 4)])
  expect(growth.every((value, h) => h === 0 || value >= growth[h - 1]!)).toBe(true)
})

it('borrows growth and tails from other series where its own are few', () => {
  const pool = poolResiduals(Array.from({ length: 20 }, (_, k) => simulated(20, 4, () => 3 + k, 10 + k)))!
  const few = simulated(3, 4, () => 5, 40)
  const { lo, hi } = conformalBand(point, 100, few, { level: 0.95, naiveError: 1, pool })
  // 1.96 standard deviations of 5 and of 10, roughly: three origins say little about either.
  expect(hi[0]! - lo[0]!).toBeGreaterThan(10)
  expect(hi[0]! - lo[0]!).toBeLessThan(32)
  expect((hi[3]! - lo[3]!) / (hi[0]! - lo[0]!)).toBeCloseTo(2, 0)
  expect(poolResiduals([few])).toBeUndefined()
})

it('falls back on naive errors without a backtest', () => {
  const none = { origins: [], errors: [], points: [], levels: [] }
  const band = conformalBand(point, 100, none, { level: 0.8, naiveError: 3 })
  expect(band.hi[3]).toBeCloseTo(100 + 2 * 3 * 2, 9)
  expect(band.coverage).toBeNaN()
})

it('scales with the money', () => {
  const residuals = simulated(30, 4, () => 5, 5)
  const cents = {
    ...residuals,
    errors: residuals.errors.map((of) => of.map((error) => error * 100)),
    points: residuals.points.map((of) => of.map((value) => value * 100)),
    levels: residuals.levels.map((value) => value * 100),
  }
  const inCents = conformalBand(
    point.map((value) => value * 100),
    10_000,
    cents,
    { level: 0.8, naiveError: 1 },
  )
  expect(inCents.hi[2]! / 100).toBeCloseTo(bandOf(residuals, 0.8).hi[2]!, 8)
})
