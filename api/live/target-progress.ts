/**
 * How far a period has come to what is to be reached in it. A period is of whole local days: a week begins on Monday; one
 * in which a clock changes is an hour longer or shorter. What was booked on it counts, whenever the target was set.
 */
import type { DaySums } from '../../clickhouse/queries/read-day-series.ts'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import {
  TARGET_PERIODS,
  TARGET_SERIES,
  type Target,
  type TargetPeriod,
  type TargetProgress,
} from '../../core/contracts/notes.ts'
import { formatDay, localDay, parseDay, startOfLocalDay, startOfWeek } from '../../core/runtime/local-time.ts'

/** First and last day of the period that a day is in, as days since 1970-01-01. */
export function periodAround(day: number, period: TargetPeriod): { first: number; last: number } {
  if (period === 'day') return { first: day, last: day }
  if (period === 'week') {
    const first = startOfWeek(day)
    return { first, last: first + 6 }
  }
  const [year, month] = formatDay(day).split('-').map(Number) as [number, number]
  return { first: parseDay(monthDay(year, month)), last: parseDay(monthDay(year, month + 1)) - 1 }
}

const monthDay = (year: number, month: number) =>
  new Date(Date.UTC(year, month - 1, 1)).toISOString().slice(0, 10)

/** Of each series and period the one that began last, where it is of the tenant's currency. */
export function targetsInForce(targets: readonly Target[], day: string, currency: string): Target[] {
  const known = targets.filter((one) => one.from <= day && (one.currency ?? currency) === currency)
  return TARGET_PERIODS.flatMap((period) =>
    TARGET_SERIES.flatMap((series) => {
      const own = known.filter((one) => one.period === period && one.series === series)
      return own.length === 0 ? [] : [own.reduce((a, b) => (b.from > a.from ? b : a))]
    }),
  )
}

export interface ProgressMoment {
  nowMs: number
  timeZone: string
  /** Of all days of the period up to today that have any. */
  days: readonly Pick<DaySums, 'day' | 'revenue' | 'orders'>[]
}

export function progressOf(
  { series, period, amount }: Pick<Target, 'series' | 'period' | 'amount'>,
  { nowMs, timeZone, days }: ProgressMoment,
): TargetProgress {
  const today = localDay(nowMs, timeZone)
  const { first, last } = periodAround(today, period)
  const sumOf = (isCounted: (day: number) => boolean) =>
    days
      .filter(({ day }) => isCounted(parseDay(day)))
      .reduce((sum, day) => sum + sumToE4(series === 'orders' ? String(day.orders) : day.revenue), 0n)
  const before = sumOf((day) => day >= first && day < today)
  const reached = before + sumOf((day) => day === today)
  const wanted = sumToE4(amount)
  const daysLeft = last - today + 1
  const text = (valueE4: bigint) => (series === 'orders' ? String(valueE4 / ONE) : fromE4(valueE4))
  const [startMs, endMs] = [startOfLocalDay(first, timeZone), startOfLocalDay(last + 1, timeZone)]
  return {
    ...{ series, period, amount: text(wanted), first: formatDay(first), last: formatDay(last) },
    ...{ before: text(before), reached: text(reached), share: rounded(Number(reached) / Number(wanted)) },
    elapsedShare: rounded((nowMs - startMs) / (endMs - startMs)),
    daysLeft,
    neededPerDay: text(enough(wanted - before, daysLeft, series === 'orders' ? ONE : CENT)),
  }
}

const ONE = 10_000n
const CENT = 100n
const rounded = (share: number) => Math.round(share * 10_000) / 10_000

/** Rounded up to whole units: with less on each day it would not be reached. */
function enough(missing: bigint, days: number, unit: bigint): bigint {
  if (missing <= 0n) return 0n
  const units = unit * BigInt(days)
  return ((missing + units - 1n) / units) * unit
}
