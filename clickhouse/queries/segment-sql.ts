/**
 * Segments as SQL: of stored scores by a mode's rules, which people read as well, and by thresholds as a function of
 * ClickHouse for each version of them, so that any query can ask for it. What they say is what core/segments says; tests
 * compare the two.
 */
import type { CellRule, Interval, SegmentMode } from '../../core/segments/segment-modes.ts'
import { type RuleCondition, type SegmentRules, segmentRules } from '../../core/segments/segment-rules.ts'

/** Of the columns `recency`, `frequency` and `monetary` that customer_segments has; where they are 0 there is no segment. */
export function cellSegmentSql({ rules, segments }: SegmentMode): string {
  const branches = rules.map((rule) => `${scoresSql(rule)}, '${rule.to}'`)
  return choose(branches, segments.at(-1)!.id, ',\n    ')
}

/** The name of the SQL function of a version. */
export function segmentFunctionName(version: number): string {
  return `revwall_segment_v${version}`
}

/** Of the columns of customer_segments, as of a day: YYYY-MM-DD. */
export function ruleSegmentSql(version: number, today: string): string {
  return `${segmentFunctionName(version)}(greatest(0, toDate('${today}') - last_day), orders, revenue)`
}

/** A statement of ClickHouse. A version never changes, so that one that is there is right. */
export function segmentFunctionSql(version: number, unchecked: SegmentRules): string {
  // Whatever is put into SQL is checked here, wherever it comes from.
  const { rules, otherwise } = segmentRules.parse(unchecked)
  const branches = rules.map(({ to, when }) => `${when.map(conditionSql).join(' AND ')}, '${to}'`)
  return `CREATE FUNCTION IF NOT EXISTS ${segmentFunctionName(version)} AS (recency, frequency, monetary) -> ${choose(branches, otherwise)}`
}

function conditionSql({ of, is, value }: RuleCondition): string {
  return `${of} ${is} ${of === 'monetary' ? `toDecimal128('${value}', 4)` : value}`
}

/** The mean of F and M is asked as their sum, so that it stays whole. */
function scoresSql({ r, f, m, fm }: CellRule): string {
  const within = (name: string, interval: Interval | undefined, times = 1) =>
    interval === undefined ? [] : [`${name} BETWEEN ${times * interval[0]} AND ${times * interval[1]}`]
  return [
    ...within('recency', r),
    ...within('frequency', f),
    ...within('monetary', m),
    ...within('frequency + monetary', fm, 2),
  ].join(' AND ')
}

function choose(branches: readonly string[], otherwise: string, between = ', '): string {
  return branches.length === 0
    ? `'${otherwise}'`
    : `multiIf(${[...branches, `'${otherwise}'`].join(between)})`
}
