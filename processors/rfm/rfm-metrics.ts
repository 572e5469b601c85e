/** Prometheus metrics of the scoring of customers. */
import type { Registry } from 'prom-client'
import { type LeaderGauge, leaderGauge } from '../leader-gauge.ts'

export function rfmLag(registry: Registry): LeaderGauge {
  return leaderGauge(registry, {
    name: 'revwall_rfm_lag_seconds',
    help: 'Since customers were last scored up to every batch that had landed.',
  })
}
