/** Which of the orders that came are told as unusual, and why. */
import type { Severity } from '../../../core/contracts/results.ts'
import { explainRow } from '../forest/explain-row.ts'
import { alarmThreshold, type BudgetState, decideAlarm } from './alarm-threshold.ts'
import { type ExplainedOrder, orderReasons, strongestFeatures } from './explain-order.ts'
import { ORDER_FEATURES } from './order-features.ts'
import { usualOfCustomer, usualOfTenant } from './order-history.ts'
import type { OrderModel } from './order-model.ts'
import type { WatchedOrder } from './order-watch.ts'

export interface Limits {
  contamination: number
  dailyBudget: number
  ordersPerDay: number
  /** Local day of the tenant, in days since 1970-01-01. */
  day: number
}

export interface FoundAnomaly {
  watched: WatchedOrder
  severity: Severity
  score: number
  threshold: number
  /** The usual amount; null where none is known. */
  expectedE4: number | null
  reasons: { en: string[]; 'pt-BR': string[] }
  /** The strongest first. */
  contributors: { feature: string; weight: number }[]
}

/** In the order in which they were placed, as the day's budget goes to those who come first. */
export async function judgeOrders(
  model: OrderModel,
  watched: readonly WatchedOrder[],
  state: BudgetState,
  limits: Limits,
): Promise<{ state: BudgetState; found: FoundAnomaly[] }> {
  if (watched.length === 0) return { state, found: [] }
  const features = ORDER_FEATURES.length
  const values = new Float64Array(watched.length * features)
  for (const [at, one] of watched.entries()) values.set(one.features, at * features)
  const scores = await model.score({ values, features })
  const threshold = alarmThreshold(model.scores, limits)
  const found: FoundAnomaly[] = []
  let next = state
  for (const [at, one] of watched.entries()) {
    const score = scores[at]!
    const decision = decideAlarm(next, { score, threshold, ...limits })
    next = decision.state
    if (decision.outcome === 'alarm') found.push(explain(one, model, { score, threshold }))
  }
  return { state: next, found }
}

function explain(
  watched: WatchedOrder,
  model: OrderModel,
  judged: { score: number; threshold: number },
): FoundAnomaly {
  const { contributions } = explainRow(model.forest, watched.features)
  const explained: ExplainedOrder = { order: watched.observed, context: watched.context, contributions }
  return {
    ...{ watched, ...judged },
    severity: judged.score > model.highest ? 'critical' : 'warning',
    expectedE4: expectedOf(watched),
    reasons: { en: orderReasons(explained, 'en'), 'pt-BR': orderReasons(explained, 'pt-BR') },
    contributors: strongestFeatures(contributions).map((feature) => ({
      feature,
      weight: contributions[ORDER_FEATURES.indexOf(feature)]!,
    })),
  }
}

/** To whole cents: it is a median, not a price. */
function expectedOf({ context: { customer, tenant } }: WatchedOrder): number | null {
  const usual = (customer && usualOfCustomer(customer)) ?? usualOfTenant(tenant)
  return usual === null ? null : Math.round(2 ** usual.median / 100) * 100
}
