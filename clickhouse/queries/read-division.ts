/** How customers are to be divided by a question: in whose words, and as which SQL. */
import {
  RULES_MODES,
  rulesMode,
  SEGMENT_MODES,
  type Segment,
  type SegmentChoice,
} from '../../core/segments/segment-modes.ts'
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { readSegmentRules } from './segment-rules.ts'
import { cellSegmentSql, ruleSegmentSql, segmentFunctionSql } from './segment-sql.ts'

export interface Division {
  mode: SegmentChoice
  /** Of the rules; null where there are none. */
  version: number | null
  segments: readonly Segment[]
  /** Of the columns of customer_segments, for whoever is `divided`; says so too. */
  sql: string
  divided: string
  /** Of the column `mode` of what was kept while this was the live division: all versions where none was named. */
  kept: string
  /** What makes the function that `sql` asks; null: it asks none. */
  functionSql: string | null
}

export interface DivisionQuestion {
  mode: SegmentChoice
  /** Of the rules; undefined: the newest. */
  version?: number | undefined
  /** The tenant's, YYYY-MM-DD. */
  today: string
}

/** Undefined where there is no such version of the rules. */
export async function readDivision(
  warehouse: Warehouse,
  { mode, version, today }: DivisionQuestion,
): Promise<Division | undefined> {
  if (mode !== 'rules') {
    const { segments } = SEGMENT_MODES[mode]
    const kept = `mode = ${quoteString(mode)}`
    const sql = cellSegmentSql(SEGMENT_MODES[mode])
    return { mode, version: null, segments, sql, divided: 'recency > 0', kept, functionSql: null }
  }
  const versions = await readSegmentRules(warehouse)
  const found = version === undefined ? versions.at(-1) : versions.find((each) => each.version === version)
  if (found === undefined) return undefined
  return {
    ...{ mode, version: found.version, segments: found.rules.segments, divided: 'orders > 0' },
    sql: ruleSegmentSql(found.version, today),
    kept:
      version === undefined
        ? `startsWith(mode, ${quoteString(RULES_MODES)})`
        : `mode = ${quoteString(rulesMode(version))}`,
    functionSql: segmentFunctionSql(found.version, found.rules),
  }
}
