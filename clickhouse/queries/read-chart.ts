import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import type { Warehouse } from '../warehouse.ts'
import { type MoneyScope, tableOf } from './scope.ts'

export const CHART_STEP_MINUTES = 5
const MINUTE_MS = 60_000
export const CHART_STEP_MS = CHART_STEP_MINUTES * MINUTE_MS

/** A local day and the instants (ms) between which it lies; a day with a clock change has 23 or 25 hours. */
export interface ChartDay {
  day: string
  startMs: number
  endMs: number
}

/**
 * Cumulative revenue at the end of each step since local midnight (minutes that passed, not the clock's; five where nothing
 * else is asked), for each day whole. Grouped by steps of UTC: every zone's days start at a multiple of five minutes.
 */
export async function readChart(
  warehouse: Warehouse,
  scope: MoneyScope,
  days: readonly ChartDay[],
  stepMinutes: 1 | 5 = CHART_STEP_MINUTES,
): Promise<string[][]> {
  const { tenant, currency, axis } = scope
  const rows = await warehouse.query<Row>(
    `SELECT day, intDiv(toUnixTimestamp(minute), {seconds:UInt32}) AS step, sum(${axis}_revenue) AS revenue
     FROM ${tableOf(scope, 'headline')}
     WHERE tenant = {tenant:String} AND day IN ({days:Array(Date)}) AND currency = {currency:String}
     GROUP BY day, step`,
    { params: { tenant, currency, days: days.map(({ day }) => day), seconds: stepMinutes * 60 } },
  )
  return days.map((day) =>
    cumulate(
      rows.filter((row) => row.day === day.day),
      day,
      stepMinutes * MINUTE_MS,
    ),
  )
}

interface Row extends ChartStep {
  day: string
}

/** Revenue of a step, which is counted from the epoch. */
export interface ChartStep {
  step: number
  revenue: string
}

/** The line of a day out of its steps, in any order. */
export function cumulate(
  rows: readonly ChartStep[],
  { startMs, endMs }: ChartDay,
  stepMs = CHART_STEP_MS,
): string[] {
  const stepsE4 = new Array<bigint>(Math.ceil((endMs - startMs) / stepMs)).fill(0n)
  for (const { step, revenue } of rows) {
    // A row outside the day was cut in another zone, before the tenant's was changed: the day's end must still be right.
    const at = Math.min(Math.max(step - startMs / stepMs, 0), stepsE4.length - 1)
    stepsE4[at]! += sumToE4(revenue)
  }
  let sumE4 = 0n
  return stepsE4.map((stepE4) => {
    sumE4 += stepE4
    return fromE4(sumE4)
  })
}
