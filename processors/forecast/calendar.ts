/** Days as numbers, and whoever knows what is on a day. No clock: every day comes as an argument. */
import { FORECAST_STEP_DAYS, type ForecastStep } from '../../core/contracts/results.ts'

/** What a day (`YYYY-MM-DD`) is called, or null for an ordinary one. A library of holidays is wrapped by the caller. */
export type HolidayCalendar = (day: string) => string | null

export type Step = ForecastStep

export const DAYS_OF = FORECAST_STEP_DAYS

const MS_PER_DAY = 86_400_000

/** Days since 1970-01-01 of a day. Throws RangeError where it is none. */
export function dayNumber(day: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(ms)) throw new RangeError(`a day is written YYYY-MM-DD, not ${day}`)
  return ms / MS_PER_DAY
}

export function dayText(number: number): string {
  return new Date(number * MS_PER_DAY).toISOString().slice(0, 10)
}

/** The names of what falls into each of `count` steps from `start` (a day number); each name once a step. */
export function eventsOf(
  calendars: readonly HolidayCalendar[],
  { start, count, step }: { start: number; count: number; step: Step },
): string[][] {
  const days = DAYS_OF[step]
  return Array.from({ length: count }, (_, i) => {
    const names = new Set<string>()
    for (let day = start + i * days; day < start + (i + 1) * days; day++) {
      for (const calendar of calendars) {
        const name = calendar(dayText(day))
        if (name !== null) names.add(name)
      }
    }
    return [...names]
  })
}
