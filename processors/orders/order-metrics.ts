/** Prometheus metrics of the orders processor. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type LagSources, lagMetrics } from './lag-metrics.ts'
import type { PartitionEvent } from './partition-loop.ts'

export interface MetricSources extends LagSources {
  /** Tasks that wait for a computing thread, of all runs. */
  queued: () => number
}

export function orderMetrics(registry: Registry, sources: MetricSources) {
  const registers = [registry]
  const labelNames = ['partition']
  const define = { registers, labelNames }
  const batches = new Counter({ ...define, name: 'revwall_batches_total', help: 'Batches that landed.' })
  const facts = new Counter({
    ...define,
    name: 'revwall_order_facts_total',
    help: 'Facts about orders taken.',
  })
  const changes = new Counter({
    ...define,
    name: 'revwall_order_rows_total',
    help: 'Rows of order_changes written.',
  })
  const settled = new Counter({
    ...define,
    name: 'revwall_inserts_settled_total',
    help: 'Inserts that landed unacknowledged.',
  })
  const waits = new Counter({
    ...define,
    name: 'revwall_insert_retries_total',
    help: 'Inserts, or looks at what became of one, that failed and were tried again.',
  })
  const fences = new Counter({
    ...define,
    name: 'revwall_inserts_fenced_total',
    help: 'Batches that another writer fenced.',
  })
  const letters = new Counter({ ...define, name: 'revwall_dead_letters_total', help: 'Records set aside.' })
  const misplaced = new Counter({
    ...define,
    name: 'revwall_misplaced_records_total',
    help: 'Records put into the partition that they belong to since the topic has grown.',
  })
  const warnings = new Counter({
    ...define,
    name: 'revwall_total_differs_total',
    help: 'Orders whose stated total differs from their lines.',
  })
  const seconds = new Histogram({
    ...define,
    name: 'revwall_insert_seconds',
    help: 'Insert to known outcome.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  })
  const mark = new Gauge({
    ...define,
    name: 'revwall_mark_offset',
    help: 'Offset up to which the table is complete.',
  })
  const halted = new Gauge({
    registers,
    labelNames: ['partition', 'code'],
    name: 'revwall_partition_halted',
    help: '1 where a partition is taken no further until a person has acted; the code says why.',
  })
  const lag = lagMetrics(registry, sources)
  new Gauge({
    registers,
    name: 'revwall_compute_queue_tasks',
    help: 'Tasks that wait for a computing thread.',
    collect() {
      this.set(sources.queued())
    },
  })

  return {
    count(partition: number, event: PartitionEvent): void {
      const labels = { partition: String(partition) }
      if (event.type === 'waiting') waits.inc(labels)
      if (event.type === 'halted') halted.set({ ...labels, code: event.code }, 1)
      if (event.type === 'fenced') fences.inc(labels)
      if (event.type === 'recovered') {
        mark.set(labels, event.mark)
        lag.taken(partition, event.mark)
      }
      if (event.type === 'left') {
        mark.remove(labels)
        lag.left(partition)
      }
      if (event.type === 'landed') landed(labels, event)
    },
  }

  function landed(labels: { partition: string }, event: PartitionEvent & { type: 'landed' }): void {
    const { batch } = event
    batches.inc(labels)
    facts.inc(labels, batch.facts)
    changes.inc(labels, batch.rows - 1)
    letters.inc(labels, batch.deadLetters.length)
    misplaced.inc(labels, batch.misplaced.length)
    warnings.inc(labels, batch.warnings)
    if (event.settled) settled.inc(labels)
    seconds.observe(labels, event.seconds)
    mark.set(labels, batch.last)
    lag.taken(Number(labels.partition), batch.last, event.appended.lastAt)
  }
}
