/** What each row is: its cell of 125, the segment that a partition makes of the cell, or the one that rules give it. */
import { evaluatorOf, type SegmentRules } from '../../core/segments/segment-rules.ts'
import type { Cuts } from './quintile-cuts.ts'
import { DAY_COUNT, FIRST_DAY, MAX_ORDERS, type RfmColumns, type RowRange, UNSCORED } from './rfm-columns.ts'

/** Writes one byte for each row of the range: `out[0]` is that of `range.from`. */
export type Labeller = (range: RowRange, out: Uint8Array) => void

/** Writes the cells of the rows where they are in `cells`; `cuts` null: all UNSCORED. */
export function labelRange(columns: RfmColumns, range: RowRange, cuts: Cuts | null, cells: Uint8Array): void {
  cellLabeller(columns, cuts)(range, cells.subarray(range.from, range.to))
}

/** Makes the tables once, for as many ranges as there are. */
export function cellLabeller(columns: RfmColumns, cuts: Cuts | null): Labeller {
  if (cuts === null) return ({ from, to }, out) => out.fill(UNSCORED, 0, to - from)
  const tables = {
    recency: scoreTable(DAY_COUNT, cuts.day.firsts, FIRST_DAY, 25),
    frequency: scoreTable(MAX_ORDERS + 1, cuts.orders.firsts, 0, 5),
    monetary: Float64Array.from(cuts.monetaryE4.firsts),
  }
  return (range, out) => labelRows(columns, tables, range, out)
}

interface ScoreTables {
  recency: Uint8Array
  frequency: Uint8Array
  /** The first values of the second to fifth bin. */
  monetary: Float64Array
}

/** All that the loop reads is local: from a closure it would be read anew for each row, four times as slow. */
function labelRows(
  { lastDay, orders, monetaryE4 }: RfmColumns,
  { recency, frequency, monetary }: ScoreTables,
  { from, to }: RowRange,
  out: Uint8Array,
): void {
  // One by one: destructured they would not be known to be doubles, and the loop would take half as long again.
  const second = monetary[0]!
  const third = monetary[1]!
  const fourth = monetary[2]!
  const fifth = monetary[3]!
  for (let row = from; row < to; row++) {
    const ordered = orders[row]!
    const day = lastDay[row]! - FIRST_DAY
    const value = monetaryE4[row]!
    const score =
      Number(value >= second) + Number(value >= third) + Number(value >= fourth) + Number(value >= fifth)
    out[row - from] =
      ordered <= 0
        ? UNSCORED
        : recency[day < 0 ? 0 : day < DAY_COUNT ? day : DAY_COUNT - 1]! +
          frequency[ordered < MAX_ORDERS ? ordered : MAX_ORDERS]! +
          score
  }
}

/** The segments of rows; `segmentOfCell` is a partition's (core/segments/segment-modes.ts). UNSCORED stays so. */
export function segmentLabeller(columns: RfmColumns, cuts: Cuts | null, segmentOfCell: Uint8Array): Labeller {
  const label = cellLabeller(columns, cuts)
  return (range, out) => {
    label(range, out)
    for (let at = 0; at < range.to - range.from; at++)
      if (out[at] !== UNSCORED) out[at] = segmentOfCell[out[at]!]!
  }
}

/** Segments of rows as of a day: here a day that passes does move customers, and nobody needs a score. */
export function ruleLabeller(columns: RfmColumns, rules: SegmentRules, today: number): Labeller {
  const evaluate = evaluatorOf(rules)
  const { lastDay, orders, monetaryE4 } = columns
  const values = { recency: 0, frequency: 0, monetaryE4: 0 }
  return ({ from, to }, out) => {
    for (let row = from; row < to; row++) {
      values.recency = Math.max(0, today - lastDay[row]!)
      values.frequency = orders[row]!
      values.monetaryE4 = monetaryE4[row]!
      out[row - from] = values.frequency <= 0 ? UNSCORED : evaluate(values)
    }
  }
}

/** What each value of a small domain adds to the cell's number. */
function scoreTable(size: number, firsts: readonly number[], origin: number, weight: number): Uint8Array {
  const table = new Uint8Array(size)
  for (const first of firsts) for (let at = Math.max(first - origin, 0); at < size; at++) table[at]! += weight
  return table
}
