import { expect, it } from 'vitest'
import { smoothLocally } from './smooth-locally.ts'
import { decompose, movingAverage } from './stl.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

const season = (i: number) => 10 * Math.sin((2 * Math.PI * i) / 12) + 4 * Math.cos((4 * Math.PI * i) / 12)
const farthest = (a: Float64Array, at: (i: number) => number, from = 0, to = a.length) =>
  Math.max(...a.subarray(from, to).map((value, i) => Math.abs(value - at(from + i))))

it.each(['periodic', 7, 11] as const)('gives back a line and a season, window %s', (seasonalWindow) => {
  const values = seriesOf(120, (i) => 50 + 0.5 * i + season(i))
  const { trend, season: found, remainder } = decompose(values, { period: 12, seasonalWindow })
  // A periodic season gives its own slope to nobody: two rounds leave the rest of it in the remainder.
  const within = seasonalWindow === 'periodic' ? 0.3 : 1e-6
  expect(farthest(trend, (i) => 50 + 0.5 * i)).toBeLessThan(within)
  expect(farthest(found, season)).toBeLessThan(within)
  expect(farthest(remainder, () => 0)).toBeLessThan(within)
})

it('adds up, whatever it is given', () => {
  const noise = normalFrom(2)
  const values = seriesOf(60, () => 100 * noise())
  const { trend, season: found, remainder } = decompose(values, { period: 7, seasonalWindow: 7 })
  expect(farthest(values, (i) => trend[i]! + found[i]! + remainder[i]!)).toBeLessThan(1e-9)
})

it('is not misled by an outlier when it weighs down', () => {
  const noise = normalFrom(3)
  const values = seriesOf(120, (i) => 50 + season(i) + 2 * noise() + (i === 60 ? 100 : 0))
  const options = { period: 12, seasonalWindow: 'periodic' as const }
  const off = (robustRounds: number) =>
    Math.abs(decompose(values, { ...options, robustRounds }).season[0]! - season(0))
  expect(off(0)).toBeGreaterThan(7)
  expect(off(10)).toBeLessThan(2)
})

it('wants two seasons', () => {
  expect(() => decompose(new Float64Array(23), { period: 12, seasonalWindow: 7 })).toThrow(
    'two seasons of 12',
  )
})

it('leaves lines as they are, also beyond their ends', () => {
  const line = seriesOf(40, (i) => 3 - 2 * i)
  for (const window of [5, 21, 99])
    for (const jump of [1, 4]) {
      const smooth = smoothLocally(line, { window, jump }, undefined, 1)
      expect(farthest(smooth, (i) => 3 - 2 * (i - 1))).toBeLessThan(1e-9)
    }
})

it('weighs within the series as at its ends', () => {
  const noise = normalFrom(8)
  const values = seriesOf(40, noise)
  const ones = new Float64Array(40).fill(1)
  const quick = smoothLocally(values, { window: 11, jump: 1 })
  expect(farthest(quick, (i) => smoothLocally(values, { window: 11, jump: 1 }, ones)[i]!)).toBeLessThan(1e-12)
})

it('averages neighbours', () => {
  expect([...movingAverage(Float64Array.of(1, 2, 6, 4), 2)]).toEqual([1.5, 4, 5])
})
