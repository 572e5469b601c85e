import type { AuditedView } from '../../clickhouse/audit/list-audited-views.ts'
import type { ViewDay } from '../../clickhouse/audit/read-view-days.ts'
import { type DayRange, joinRanges, type Scope } from '../../clickhouse/audit/scope.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'

/** One comparison: part of one view. */
export interface AuditUnit {
  view: AuditedView
  scope: Scope
}

/** Rows of a view that one comparison of a full audit takes, unless a single day has more. */
export const MAX_UNIT_ROWS = 500_000
/** Days in the older range of a background round. */
export const OLDER_DAYS = 7

/**
 * Cuts the whole line of days, open at both ends, into ranges, newest first. The first holds the newest two days alone,
 * so that what people look at is checked at once. Ranges touch: days that the view has lost are in one of them.
 */
export function cutDays(days: ViewDay[], maxRows: number = MAX_UNIT_ROWS): Scope[] {
  const ranges: DayRange[] = []
  let to: string | undefined
  let rows = 0
  for (const [age, { day, rows: more }] of [...days].reverse().entries()) {
    rows += more
    const next = days.at(-2 - age)
    const isFull = ranges.length === 0 ? age === 1 : rows + (next?.rows ?? 0) > maxRows
    if (next === undefined || !isFull) continue
    ranges.push({ from: day, to })
    to = dayBefore(day)
    rows = 0
  }
  return ranges.length === 0 ? ['all'] : [...ranges, { to }].map((range) => [range])
}

/** All units of a full audit: of every view the newest range, then of every view the next older one, and so on. */
export function orderUnits(
  cuts: { view: AuditedView; scopes: Scope[] }[],
  newestFirst: boolean,
): AuditUnit[] {
  const units = cuts.flatMap(({ view, scopes }) =>
    scopes.map((scope, age) => ({ unit: { view, scope }, age })),
  )
  return units.sort((a, b) => (newestFirst ? a.age - b.age : b.age - a.age)).map(({ unit }) => unit)
}

/** What a background round compares of a view: its newest days, and one older range. */
export function backgroundScope(recent: DayRange[], days: ViewDay[], random: () => number): Scope {
  return days.length === 0 ? 'all' : joinRanges([...recent, olderRange(days, random)])
}

// From one day with data to before another one, so that a hole between them is looked at too.
function olderRange(days: ViewDay[], random: () => number): DayRange {
  const i = Math.floor(random() * days.length)
  const end = days[i + OLDER_DAYS]
  return {
    from: i === 0 ? undefined : days[i]!.day,
    to: end === undefined ? days.at(-1)!.day : dayBefore(end.day),
  }
}

const dayBefore = (day: string) => formatDay(parseDay(day) - 1)
