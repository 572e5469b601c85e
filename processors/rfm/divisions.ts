/** How a shop's customers are divided live: by the cell of their scores, or by thresholds, which days pass over as well. */
import {
  partitionOf,
  rulesMode,
  SEGMENT_MODES,
  type SegmentModeId,
} from '../../core/segments/segment-modes.ts'
import type { SegmentRules } from '../../core/segments/segment-rules.ts'
import { type Labeller, ruleLabeller, segmentLabeller } from './label-cells.ts'
import type { Cuts } from './quintile-cuts.ts'
import { type RfmColumns, UNSCORED } from './rfm-columns.ts'

/** Raised with each change of what a score or a segment means. */
const MODEL_VERSION = 1

export type Division = {
  /** As rows have it: another one is other words, and who is told in them anew has not moved. */
  mode: string
  model: string
  /** In the division's order. */
  ids: readonly string[]
} & ({ by: 'cells'; partition: Uint8Array } | { by: 'rules'; rules: SegmentRules })

export function cellDivision(mode: SegmentModeId): Division {
  const ids = SEGMENT_MODES[mode].segments.map(({ id }) => id)
  return { ...named(mode), ids, by: 'cells', partition: partitionOf(SEGMENT_MODES[mode]) }
}

export function ruleDivision(version: number, rules: SegmentRules): Division {
  return { ...named(rulesMode(version)), ids: rules.segments.map(({ id }) => id), by: 'rules', rules }
}

const named = (mode: string) => ({ mode, model: `rfm-${mode}-${MODEL_VERSION}` })

/** The segment's id; empty: none. */
export function segmentName({ ids }: Division, segment: number): string {
  return segment === UNSCORED ? '' : ids[segment]!
}

/** The number of a segment in `ids`; UNSCORED for none, undefined for one that the division does not have. */
export function segmentNumber({ ids }: Division, id: string): number | undefined {
  if (id === '') return UNSCORED
  const at = ids.indexOf(id)
  return at === -1 ? undefined : at
}

/** Segments of rows by number, as they are today. */
export function divisionLabeller(
  division: Division,
  columns: RfmColumns,
  { cuts, today }: { cuts: Cuts | null; today: number },
): Labeller {
  return division.by === 'cells'
    ? segmentLabeller(columns, cuts, division.partition)
    : ruleLabeller(columns, division.rules, today)
}

/** The segment of one row whose cell is known. */
export function rowNamer(
  division: Division,
  columns: RfmColumns,
  today: number,
): (row: number, cell: number) => number {
  if (division.by === 'cells') return (_, cell) => (cell === UNSCORED ? UNSCORED : division.partition[cell]!)
  const label = ruleLabeller(columns, division.rules, today)
  const one = new Uint8Array(1)
  return (row) => {
    label({ from: row, to: row + 1 }, one)
    return one[0]!
  }
}
