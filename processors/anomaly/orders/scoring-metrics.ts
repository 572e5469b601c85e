/** Prometheus metrics of the judging of orders. */
import { Counter, type Registry } from 'prom-client'

/** `told` and `withheld` are among `scored`. */
export type Outcome = 'scored' | 'told' | 'withheld' | 'learned' | 'skipped'

export interface ScoringMetrics {
  count(outcome: Outcome, orders: number): void
}

export function scoringMetrics(registry: Registry): ScoringMetrics {
  const counter = new Counter({
    name: 'revwall_orders_judged_total',
    help: 'Orders by what became of them: scored (of them told as unusual, or withheld over the budget), learned, skipped.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  for (const outcome of ['scored', 'told', 'withheld', 'learned', 'skipped']) counter.inc({ outcome }, 0)
  return { count: (outcome, orders) => counter.inc({ outcome }, orders) }
}
