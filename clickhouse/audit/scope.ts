import { formatDay, parseDay } from '../../core/runtime/local-time.ts'

/** Days of a view's time key, YYYY-MM-DD, both included. An end that is left out is open. */
export interface DayRange {
  from?: string
  to?: string
}

/** Which buckets of a view are compared. A view without a time key is always compared whole. */
export type Scope = 'all' | DayRange[]

/** More ranges than these are joined to one that spans them: it compares more, never less. */
export const MAX_RANGES = 32

/** A condition on `day`, an SQL expression of type Date. */
export function conditionOf(scope: Scope, day: string): string {
  if (scope === 'all') return '1'
  const ranges = scope.map(({ from, to }) => {
    const ends = [from && `${day} >= ${literal(from)}`, to && `${day} <= ${literal(to)}`].filter(Boolean)
    return ends.length === 0 ? '1' : `(${ends.join(' AND ')})`
  })
  return ranges.length === 0 ? '0' : `(${ranges.join(' OR ')})`
}

/** As text for people and for `reconciliations.scope`: "all", or "2011-12-08.., 2011-03-01..2011-03-07". */
export function describeScope(scope: Scope): string {
  if (scope === 'all') return 'all'
  return scope.map(({ from = '', to = '' }) => (from === to ? from : `${from}..${to}`)).join(', ')
}

/**
 * The ranges that hold these local days. `marginDays` widens each of them: a view by instant is cut in UTC, where a
 * local day of any zone may lie a day to either side.
 */
export function rangesOfDays(days: string[], marginDays: number): DayRange[] {
  const numbers = days.map(dayNumber).sort((a, b) => a - b)
  return joinRanges(
    numbers.map((day) => ({ from: formatDay(day - marginDays), to: formatDay(day + marginDays) })),
  )
}

/** The same days in as few ranges as possible, oldest first. */
export function joinRanges(ranges: DayRange[]): DayRange[] {
  const joined: DayRange[] = []
  for (const range of [...ranges].sort((a, b) => start(a) - start(b))) {
    const last = joined.at(-1)
    if (last === undefined || start(range) > end(last) + 1) joined.push({ ...range })
    else if (end(range) > end(last)) last.to = range.to
  }
  if (joined.length <= MAX_RANGES) return joined
  return [{ from: joined[0]!.from, to: joined.at(-1)!.to }]
}

const start = ({ from }: DayRange) => (from === undefined ? -Infinity : dayNumber(from))
const end = ({ to }: DayRange) => (to === undefined ? Infinity : dayNumber(to))

// The text goes into SQL as it is, so nothing but a day may pass.
function literal(day: string): string {
  return `toDate('${formatDay(dayNumber(day))}')`
}

function dayNumber(day: string): number {
  const number = parseDay(day)
  if (Number.isNaN(number)) throw new Error(`"${day}" is not a day (YYYY-MM-DD).`)
  return number
}
