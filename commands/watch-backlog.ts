/** How much is still to be taken of what the log held when the processors started: until then the numbers are old ones. */
import { readAllMarks } from '../clickhouse/audit/read-marks.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'
import type { Clock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'

export interface BacklogOptions {
  warehouse: Warehouse
  database: string
  log: EventLog
  clock: Clock
  signal: AbortSignal
}

export interface Backlog {
  /** Records to go; 0 for good once all were taken. */
  left(): number
  /** Resolves then, or when the signal aborts. */
  watching: Promise<void>
}

const TOPIC = 'orders'
const LOOK_EVERY_MS = 500

/**
 * By the marks and not by what a group has committed: that may be lost, and a quiet log would never tell. What comes into
 * the log later does not count, for a wall that is a second behind is live. Call it before the first batch is taken.
 */
export async function watchBacklog(options: BacklogOptions): Promise<Backlog> {
  const { clock, signal } = options
  const ends = await readEnds(options.log)
  let left = ends.reduce((sum, end) => sum + end, 0)
  const look = async () => {
    if (left > 0) left = await readLeft(ends, options)
  }
  await look().catch(unlessExpected)
  const watch = async () => {
    while (left > 0 && !signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, signal)
      if (!signal.aborted) await look().catch(unlessExpected)
    }
  }
  return { left: () => left, watching: watch() }
}

async function readEnds(log: EventLog): Promise<number[]> {
  const partitions = Array.from({ length: log.partitions(TOPIC) }, (_, partition) => partition)
  return Promise.all(partitions.map(async (partition) => (await log.bounds(TOPIC, partition)).next))
}

async function readLeft(ends: readonly number[], { warehouse, database }: BacklogOptions): Promise<number> {
  const marks = (await readAllMarks(warehouse, database)).filter(({ topic }) => topic === TOPIC)
  const taken = new Map(marks.map(({ partition, last }) => [partition, last + 1]))
  return ends.reduce((sum, end, partition) => sum + Math.max(0, end - (taken.get(partition) ?? 0)), 0)
}

// ClickHouse is away for a moment: what was known last stays, and the next look tells.
function unlessExpected(error: unknown): void {
  if (!(error instanceof RevwallError)) throw error
}
