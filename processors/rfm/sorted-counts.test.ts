import { expect, it } from 'vitest'
import { SortedCounts } from './sorted-counts.ts'

/** Many more distinct values than a chunk holds, half of them twice, in an order that is neither up nor down. */
const VALUES = Array.from({ length: 9_000 }, (_, at) => ((at * 7_919) % 6_000) - 2_500)
const SORTED = [...VALUES].sort((a, b) => a - b)
const RANKS = [0, 1, 511, 512, 2_999, 3_000, 8_998, 8_999]

it('knows the value at any rank while values come and go', () => {
  const counts = new SortedCounts()
  for (const value of VALUES) counts.add(value)
  expect(counts.size).toBe(9_000)
  expectRanks(counts, SORTED, [...SORTED.keys()])
  for (const value of VALUES.slice(0, 8_990)) counts.remove(value)
  const left = VALUES.slice(8_990).sort((a, b) => a - b)
  expectRanks(counts, left, [...left.keys()])
  for (const value of left) counts.remove(value)
  expect(counts.size).toBe(0)
  counts.add(7)
  expectRanks(counts, [7], [0])
})

it('is the same made at once of sorted values', () => {
  const counts = SortedCounts.of(Float64Array.from(SORTED))
  expectRanks(counts, SORTED, RANKS)
  for (const value of VALUES) counts.add(value)
  expectRanks(
    counts,
    [...SORTED, ...SORTED].sort((a, b) => a - b),
    RANKS,
  )
})

it('leaves no trail of chunks behind values that drift', () => {
  const counts = new SortedCounts()
  for (let value = 0; value < 20_000; value++) {
    counts.add(value)
    // One in a thousand stays.
    const old = value - 100
    if (old >= 0 && old % 1_000 !== 0) counts.remove(old)
  }
  expect(counts.size).toBeLessThan(250)
  expect(counts.chunks).toBeLessThanOrEqual(2)
})

function expectRanks(counts: SortedCounts, sorted: number[], ranks: number[]): void {
  const values = counts.at(ranks)
  expect(ranks.map((rank) => values.get(rank))).toEqual(ranks.map((rank) => sorted[rank]))
}
