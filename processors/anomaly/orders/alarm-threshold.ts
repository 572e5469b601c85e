/**
 * From what score on an order is called unusual. Two limits, the stricter holds: `contamination` is the share of orders
 * that is expected to be wrong; `dailyBudget` is how many a person can look at. The threshold is the quantile of the
 * scores of the sample that the model was fitted on; and as that is an expectation only, the budget is also counted.
 */
export interface ThresholdOptions {
  /** Share of orders, e.g. 0.002. */
  contamination: number
  dailyBudget: number
  /** Expected orders of a day; 0 where nobody knows: then the contamination alone holds. */
  ordersPerDay: number
}

/** Above 0.5: a row like all others has 0.5, and where all are alike nothing is unusual. */
const LEAST_THRESHOLD = 0.5

/** `scores` of the sample, in any order. A score is an alarm where it is above the threshold. */
export function alarmThreshold(scores: Float64Array, options: ThresholdOptions): number {
  const { contamination, dailyBudget, ordersPerDay } = options
  const share = Math.min(contamination, ordersPerDay > 0 ? dailyBudget / ordersPerDay : 1)
  if (scores.length === 0) return 1
  const sorted = scores.slice().sort()
  const above = Math.floor(share * sorted.length)
  // Ties at the quantile stay below it: rather too few alarms than a whole group of equal orders.
  const threshold = sorted[Math.max(0, sorted.length - 1 - above)]!
  return Math.max(LEAST_THRESHOLD, threshold)
}

export interface BudgetState {
  /** Local day, in days since 1970-01-01. */
  day: number
  alarms: number
  /** Above the threshold, but over the budget: they are counted and shown as a number. */
  withheld: number
}

export const NO_ALARMS: BudgetState = { day: Number.NEGATIVE_INFINITY, alarms: 0, withheld: 0 }

export interface Decision {
  state: BudgetState
  outcome: 'ordinary' | 'alarm' | 'withheld'
}

/** A late order of a day before counts against the present day: the budget is of a person's time. */
export function decideAlarm(
  state: BudgetState,
  {
    score,
    threshold,
    day,
    dailyBudget,
  }: { score: number; threshold: number; day: number; dailyBudget: number },
): Decision {
  const today = day > state.day ? { day, alarms: 0, withheld: 0 } : state
  if (!(score > threshold)) return { state: today, outcome: 'ordinary' }
  if (today.alarms < dailyBudget) return { state: { ...today, alarms: today.alarms + 1 }, outcome: 'alarm' }
  return { state: { ...today, withheld: today.withheld + 1 }, outcome: 'withheld' }
}
