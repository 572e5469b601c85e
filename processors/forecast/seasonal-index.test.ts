import { expect, it } from 'vitest'
import { isSeasonal } from './season-for.ts'
import {
  addSeason,
  ownIndex,
  poolSeasons,
  removeSeason,
  seasonalDeviations,
  seasonalIndex,
} from './seasonal-index.ts'
import { normalFrom, seriesOf } from './testing/noise.ts'

const FACTORS = [0.6, 0.8, 1.1, 1.5, 0.9, 0.7, 1.2, 1.4, 0.95, 0.85, 1.3, 1.05]
const centred = (() => {
  const mean = FACTORS.reduce((sum, factor) => sum + Math.log(factor), 0) / 12
  return FACTORS.map((factor) => Math.exp(Math.log(factor) - mean))
})()
const shop = (scale: number, noise: () => number) => (i: number) =>
  scale * 1.01 ** i * centred[i % 12]! * Math.exp(0.1 * noise())

it('finds the factors of a growing series, and takes them out and puts them back', () => {
  const quiet = () => 0
  const values = seriesOf(48, shop(100, quiet))
  const index = ownIndex(values, 12)!
  centred.forEach((factor, i) => {
    expect(index.values[i]).toBeCloseTo(factor, 2)
  })
  const back = addSeason(removeSeason(values, index), index, 0)
  expect(back[17]).toBeCloseTo(values[17]!, 9)
})

it('is nearer to the truth with what other series lend, most of all after a year', () => {
  const noise = normalFrom(11)
  const others = Array.from({ length: 30 }, (_, k) =>
    seasonalDeviations(seriesOf(60, shop(10 + k, noise)), 12),
  )
  const pool = poolSeasons(others)
  const short = seasonalDeviations(seriesOf(20, shop(1, noise)), 12)
  const off = (values: Float64Array) =>
    centred.reduce((sum, factor, i) => sum + Math.abs(factor - values[i]!), 0)
  const pooled = off(seasonalIndex(short, pool)!.values)
  expect(pooled).toBeLessThan(0.6 * off(seasonalIndex(short, undefined)!.values))
  expect(off(seasonalIndex(null, pool)!.values)).toBeLessThan(0.3)
})

it('sees the year from wherever a series begins', () => {
  const from = seriesOf(
    48,
    shop(1, () => 0),
  ).subarray(5)
  const index = seasonalIndex(seasonalDeviations(from, 12, 5), undefined, 5)!
  expect(index.values[0]).toBeCloseTo(centred[5]!, 2)
})

it('takes differences where a value is not above 0', () => {
  const values = seriesOf(48, (i) => 5 * Math.sin((2 * Math.PI * i) / 12))
  const index = ownIndex(values, 12)!
  expect(index.kind).toBe('additive')
  expect(index.values[3]).toBeCloseTo(5, 2)
  expect(poolSeasons([null, seasonalDeviations(values, 12)])).toBeUndefined()
})

it('makes next to no season of noise', () => {
  const noise = normalFrom(12)
  const index = ownIndex(
    seriesOf(240, () => Math.exp(0.3 * noise())),
    12,
  )!
  expect(Math.max(...index.values.map((factor) => Math.abs(factor - 1)))).toBeLessThan(0.12)
})

it('needs a season and eight values', () => {
  expect(seasonalDeviations(new Float64Array(19).fill(1), 12)).toBeNull()
  expect(seasonalDeviations(new Float64Array(20).fill(1), 12)).not.toBeNull()
})

it('sees a season where there is one', () => {
  const noise = normalFrom(13)
  expect(isSeasonal(seriesOf(120, shop(1, noise)), 12)).toBe(true)
  expect(isSeasonal(seriesOf(120, noise), 12)).toBe(false)
  expect(isSeasonal(new Float64Array(60).fill(3), 12)).toBe(false)
})
