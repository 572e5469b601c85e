/** How far the table is behind the log, asked for when it is scraped. */
import { Gauge, type Registry } from 'prom-client'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'

export interface LagSources {
  log: Pick<EventLog, 'bounds'>
  topic: string
  clock: Clock
}

interface Position {
  mark: number
  /** When the record of the mark was appended, ms; undefined before the first batch of this process. */
  appendedAt: number | undefined
}

export interface LagMetrics {
  /** The table has all of the partition up to this offset. */
  taken(partition: number, mark: number, appendedAt?: number): void
  /** The partition is not this process's any more. */
  left(partition: number): void
}

export function lagMetrics(registry: Registry, { log, topic, clock }: LagSources): LagMetrics {
  const define = { registers: [registry], labelNames: ['partition'] }
  const positions = new Map<number, Position>()
  const records = new Gauge({
    ...define,
    name: 'revwall_lag_records',
    help: 'Records of the log that the table does not have yet.',
    collect: measureAll,
  })
  const seconds = new Gauge({
    ...define,
    name: 'revwall_lag_seconds',
    help: 'Where the table lacks records: age of the last one that it has. 0 where it lacks none.',
    collect: measureAll,
  })
  let measuring: Promise<unknown> | undefined

  return {
    taken: (partition, mark, appendedAt) => void positions.set(partition, { mark, appendedAt }),
    left(partition) {
      positions.delete(partition)
      for (const gauge of [records, seconds]) gauge.remove({ partition: String(partition) })
    },
  }

  /** All metrics of a scrape are collected at the same time: both of them come from one look. */
  async function measureAll(): Promise<void> {
    measuring ??= Promise.all([...positions].map(measure)).finally(() => {
      measuring = undefined
    })
    await measuring
  }

  async function measure([partition, { mark, appendedAt }]: [number, Position]): Promise<void> {
    const labels = { partition: String(partition) }
    // A log that is away has its own alarm; what was known last stays.
    const bounds = await log.bounds(topic, partition).catch(() => undefined)
    if (bounds === undefined || !positions.has(partition)) return
    const lag = Math.max(0, bounds.next - 1 - mark)
    records.set(labels, lag)
    if (lag === 0) seconds.set(labels, 0)
    else if (appendedAt !== undefined) seconds.set(labels, Math.max(0, clock.now() - appendedAt) / 1_000)
  }
}
