/** Prometheus metrics of what leaves by HTTP. */
import { Counter, Gauge, type Registry } from 'prom-client'
import type { DeliveryStatus, EndpointKind } from '../../core/contracts/deliveries.ts'

/** Of one endpoint, at this moment. */
export interface QueueState {
  queued: number
  /** When the oldest of them was queued, ms; undefined: there is none. */
  oldestMs: number | undefined
}

export interface DeliveryMetrics {
  count(kind: EndpointKind, status: DeliveryStatus): void
}

export function deliveryMetrics(
  registry: Registry,
  { queues, now }: { queues: () => QueueState[]; now: () => number },
): DeliveryMetrics {
  const attempts = new Counter({
    name: 'revwall_delivery_attempts_total',
    help: 'Attempts to send an event to an endpoint, by what came of them; retrying and dead are the failed ones.',
    labelNames: ['kind', 'status'],
    registers: [registry],
  })
  new Gauge({
    name: 'revwall_delivery_queue',
    help: 'Events that wait for another attempt, over all endpoints.',
    registers: [registry],
    collect() {
      this.set(queues().reduce((sum, { queued }) => sum + queued, 0))
    },
  })
  new Gauge({
    name: 'revwall_delivery_oldest_seconds',
    help: 'Age of the oldest event that was not delivered and is not given up; 0: there is none.',
    registers: [registry],
    collect() {
      const oldest = Math.min(...queues().map(({ oldestMs = Number.POSITIVE_INFINITY }) => oldestMs))
      this.set(oldest === Number.POSITIVE_INFINITY ? 0 : (now() - oldest) / 1_000)
    },
  })
  return { count: (kind, status) => attempts.inc({ kind, status }) }
}
