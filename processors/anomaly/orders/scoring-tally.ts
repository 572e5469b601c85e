/** What became of a tenant's orders on its present day, and how far the log is done: the rows of `order_scorings`. */
import type { ScoringDay } from '../../../clickhouse/queries/read-anomalies.ts'
import type { Marks } from '../../../clickhouse/queries/read-buyers.ts'
import { formatDay, parseDay } from '../../../core/runtime/local-time.ts'
import { type BudgetState, NO_ALARMS } from './alarm-threshold.ts'

export interface Tally {
  /** The day, and what was told and withheld on it. */
  budget: BudgetState
  scored: number
  learned: number
  skipped: number
}

export const NO_TALLY: Tally = { budget: NO_ALARMS, scored: 0, learned: 0, skipped: 0 }

export function tallyOf({ day, told, withheld, scored, learned, skipped }: ScoringDay): Tally {
  return { budget: { day: parseDay(day), alarms: told, withheld }, scored, learned, skipped }
}

/** Another day begins at nothing: the next one, or an earlier one where a replay begins behind a history. */
export function onDay(tally: Tally, day: number): Tally {
  return day !== tally.budget.day ? { ...NO_TALLY, budget: { day, alarms: 0, withheld: 0 } } : tally
}

export interface Look {
  step: number
  atMs: number
}

export interface Standing {
  budget: number
  seen: number
  needed: number
  modelVersion: number
}

export function scoringRow(tenant: string, tally: Tally, standing: Standing, look: Look) {
  const { scored, learned, skipped, budget } = tally
  return {
    ...{ tenant, day: formatDay(budget.day), ...headOf(look) },
    ...{ scored, told: budget.alarms, withheld: budget.withheld, learned, skipped },
    ...{ budget: standing.budget, seen: standing.seen, needed: standing.needed },
    model_version: standing.modelVersion,
  }
}

/** In the same insert as the tallies: both are there, or neither is. */
export function markRows(marks: Marks, look: Look) {
  return [...marks].map(([partition, { last, position }]) => ({
    ...{ tenant: '', partition, ...headOf(look), mark_last: last, mark_position: position },
  }))
}

const headOf = ({ step, atMs }: Look) => ({ step, at: new Date(atMs).toISOString() })
