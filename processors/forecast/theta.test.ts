import { expect, it } from 'vitest'
import { smoothExponentially } from './smooth-exponentially.ts'
import { straightLine } from './straight-line.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'
import { theta } from './theta.ts'

it('is smoothing with half the slope as drift (Hyndman and Billah 2003)', () => {
  const noise = normalFrom(5)
  const values = seriesOf(60, (i) => 20 + 0.7 * i + 4 * noise())
  const { point, parameters } = theta(values, 5, { period: 1 })
  const alpha = parameters![0]!
  const { level, slope } = straightLine(values)
  // Smoothing is linear: of the bent line it is twice that of the series less that of the straight one.
  const bent = values.map((value, i) => 2 * value - level - slope * i)
  const end = smoothExponentially(bent, 'simple', parameters).level
  for (let h = 1; h <= 5; h++) {
    const drifting = (end + level + slope * 59) / 2 + (slope / 2) * h
    expect(point[h - 1]).toBeCloseTo(drifting, 9)
  }
  expect(point[4]! - point[0]!).toBeCloseTo(2 * slope, 9)
  expect(alpha).toBeLessThan(0.6)
})

it('draws the line of least squares', () => {
  // By hand: 1, 2, 4 has slope 3/2 and mean 7/3.
  expect(straightLine(Float64Array.of(1, 2, 4))).toEqual({ level: expect.closeTo(7 / 3 - 1.5), slope: 1.5 })
})
