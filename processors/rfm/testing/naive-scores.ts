/** The same scores the slow way, for tests: sorted arrays, bigint, and recency instead of days. */
import type { RfmColumns } from '../rfm-columns.ts'

/** Scores of each row, null for free slots; all null below five customers. */
export function naiveScores(
  { lastDay, orders, monetaryE4 }: RfmColumns,
  today: number,
): ([number, number, number] | null)[] {
  const rows = [...orders.keys()]
  const customers = rows.filter((row) => orders[row]! > 0)
  const recency = (row: number) => today - lastDay[row]!
  const recencies = cutsFifths(customers.map(recency), 1)
  const frequencies = cutsFifths(
    customers.map((row) => orders[row]!),
    1,
  )
  const amounts = cutsFifths(
    customers.map((row) => monetaryE4[row]!),
    10_000,
  )
  return rows.map((row) => {
    if (orders[row]! <= 0 || customers.length < 5) return null
    return [
      5 - reached(recencies, recency(row)),
      1 + reached(frequencies, orders[row]!),
      1 + reached(amounts, monetaryE4[row]!),
    ]
  })
}

/** Type-7 quantiles plus a unit, in fifths. */
function cutsFifths(values: number[], unit: number): bigint[] {
  const sorted = values.map(BigInt).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return [1, 2, 3, 4].map((k) => {
    const position = (values.length - 1) * k
    const low = sorted[Math.floor(position / 5)] ?? 0n
    const high = sorted[Math.ceil(position / 5)] ?? 0n
    return 5n * low + BigInt(position % 5) * (high - low) + 5n * BigInt(unit)
  })
}

function reached(cuts: bigint[], value: number): number {
  return cuts.filter((cut) => 5n * BigInt(value) >= cut).length
}
