/** Months of cohorts, as numbers that can be counted. */
import type { Principal } from '../auth/principal.ts'
import { type ApiContext, todayOf } from './api-context.ts'
import { wholeField } from './query-fields.ts'

const MAX_COHORTS = 60

export const cohortsField = wholeField(1, MAX_COHORTS, 24)

/** Of YYYY-MM and of YYYY-MM-DD. */
export const monthNumber = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1
export const monthName = (month: number) =>
  `${Math.floor(month / 12)}-${String((((month % 12) + 12) % 12) + 1).padStart(2, '0')}`

/** The first day of the first of so many months up to the tenant's present one. */
export function firstMonth(context: ApiContext, principal: Principal, cohorts: number): string {
  return `${monthName(monthNumber(todayOf(context, principal)) - cohorts + 1)}-01`
}
