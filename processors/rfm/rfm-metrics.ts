/** Prometheus metrics of the scoring of customers. */
import type { Registry } from 'prom-client'
import { type LeaderGauge, leaderGauge } from '../leader-gauge.ts'

export function rfmLag(registry: Registry): LeaderGauge {
  return leaderGauge(registry, {
    name: 'revwall_rfm_lag_seconds',
    help: 'Since the change of a customer was read that waits longest to be stored; since the last look where none waits.',
  })
}
