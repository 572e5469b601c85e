/** Prometheus metrics of what is watched. */
import { Counter, type Registry } from 'prom-client'
import { ALERT_CHANGES, type AlertChange } from '../../../core/contracts/results.ts'
import { type LeaderGauge, leaderGauge } from '../../leader-gauge.ts'

export interface WatchCounters {
  /** Buckets: judged, learned from only, or passed over since a source does not answer. */
  bucket(outcome: 'judged' | 'learned' | 'stale'): void
  told(change: AlertChange): void
  /** Those that are open, by severity. */
  open: LeaderGauge
}

export function watchCounters(registry: Registry): WatchCounters {
  const buckets = new Counter({
    name: 'revwall_metric_buckets_total',
    help: 'Buckets of local time by what became of them: judged, learned from only, or judged without what is stale.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  const told = new Counter({
    name: 'revwall_incident_changes_total',
    help: 'What was told of incidents: opened, updated, acknowledged, silenced, resumed, resolved.',
    labelNames: ['change'],
    registers: [registry],
  })
  for (const outcome of ['judged', 'learned', 'stale']) buckets.inc({ outcome }, 0)
  for (const change of ALERT_CHANGES) told.inc({ change }, 0)
  return {
    bucket: (outcome) => buckets.inc({ outcome }),
    told: (change) => told.inc({ change }),
    open: leaderGauge(registry, {
      ...{ name: 'revwall_incidents_open', label: 'severity' },
      help: 'Incidents that are not resolved, by severity.',
    }),
  }
}
