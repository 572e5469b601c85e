/**
 * The tenant's day and the two that it is compared with.
 *
 * "The same elapsed time": minutes that passed since local midnight, not the clock's, so a day with a clock change is
 * compared fairly. Today has all that came, its running minute too; the other days have the same minutes, that one whole.
 * Views know minutes and no less, and what comes at full minutes (a file of invoices) is then treated alike.
 */
import type { ChartDay } from '../../clickhouse/queries/read-chart.ts'
import type { AskedDay } from '../../clickhouse/queries/read-days.ts'
import { formatDay, localDay, startOfLocalDay } from '../../core/runtime/local-time.ts'

export interface DayWindow {
  today: ChartDay
  yesterday: ChartDay
  /** The same weekday a week ago. */
  lastWeek: ChartDay
  /** Whole minutes of today that have passed. */
  elapsedMinutes: number
}

const MINUTE_MS = 60_000

export function dayWindow(nowMs: number, timeZone: string): DayWindow {
  const day = localDay(nowMs, timeZone)
  const today = chartDay(day, timeZone)
  return {
    today,
    yesterday: chartDay(day - 1, timeZone),
    lastWeek: chartDay(day - 7, timeZone),
    elapsedMinutes: Math.floor((nowMs - today.startMs) / MINUTE_MS),
  }
}

export function chartDay(day: number, timeZone: string): ChartDay {
  return {
    day: formatDay(day),
    startMs: startOfLocalDay(day, timeZone),
    endMs: startOfLocalDay(day + 1, timeZone),
  }
}

/** A day with the part of it that compares with `elapsedMinutes` of another. */
export const sameElapsed = (day: ChartDay, elapsedMinutes: number): AskedDay => ({
  ...day,
  beforeMs: day.startMs + (elapsedMinutes + 1) * MINUTE_MS,
})
