import { Counter, Histogram, type Registry } from 'prom-client'
import type { RejectionCode } from './judge-event.ts'

export interface IngestMetrics {
  requests: Counter<'status'>
  accepted: Counter<'tenant' | 'type'>
  rejected: Counter<'tenant' | 'code'>
  requestSeconds: Histogram
}

export function createIngestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry]
  return {
    requests: new Counter({
      name: 'revwall_ingest_requests_total',
      help: 'Requests that pushed events, by HTTP status.',
      labelNames: ['status'],
      registers,
    }),
    accepted: new Counter({
      name: 'revwall_ingest_accepted_total',
      help: 'Pushed events that are in the log, by tenant and type.',
      labelNames: ['tenant', 'type'],
      registers,
    }),
    rejected: new Counter({
      name: 'revwall_ingest_rejected_total',
      help: 'Pushed events that were rejected and told to their sender, by tenant and reason.',
      labelNames: ['tenant', 'code'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'revwall_ingest_request_seconds',
      help: 'From the first byte of a request that pushed events to its answer.',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    }),
  }
}

export function countRejected(
  metrics: IngestMetrics,
  tenant: string,
  codes: ReadonlyMap<RejectionCode, number>,
) {
  for (const [code, count] of codes) metrics.rejected.inc({ tenant, code }, count)
}
