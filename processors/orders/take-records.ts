/**
 * Step 1: records m+1 … b, what is there when the batch before is done. Small when it is quiet, large under load; a
 * batch of nothing but progress waits a while longer, for an insert costs the same whatever its size.
 */
import { GROWTH_KEY, parseGrowth } from '../../core/contracts/partition-growth.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { TakenBatch } from './batch.ts'
import { packBatch } from './packed-batch.ts'

export interface TakeOptions {
  log: EventLog
  topic: string
  partition: number
  clock: Clock
  signal: AbortSignal
  maxRecords: number
  maxBytes: number
  /** No batch begins earlier after the one before. */
  minIntervalMs: number
  /** No batch that has no fact begins earlier after the one before. */
  progressIntervalMs: number
}

/** How long one wait for records lasts at the most, before the signal is looked at again. */
const WAIT_MS = 1_000
/** So many waits in vain, and it is read all the same. */
const READ_AFTER_WAITS = 5
/** Only short reads are looked into for facts: what is longer than this has some. */
const PEEK_RECORDS = 16

/** Resolves with the next batch, or undefined when told to stop. `sinceMs` is when the batch before was done. */
export async function takeRecords(
  after: number,
  sinceMs: number,
  options: TakeOptions,
): Promise<TakenBatch | undefined> {
  const { log, topic, partition, clock, signal } = options
  for (let idle = 1; !signal.aborted; idle++) {
    const there = await log.waitForRecords(topic, new Map([[partition, after + 1]]), WAIT_MS, signal)
    // Whoever only waits does not hear that the log is away, or that it is another one; whoever reads does.
    if (signal.aborted || (!there && idle % READ_AFTER_WAITS !== 0)) continue
    await clock.sleep(Math.max(0, sinceMs + options.minIntervalMs - clock.now()), signal)
    const limits = { maxRecords: options.maxRecords, maxBytes: options.maxBytes }
    const records = await log.read(topic, partition, after + 1, limits)
    if (records.length === 0) continue
    const early = sinceMs + options.progressIntervalMs - clock.now()
    if (early > 0 && !hasFacts(records)) {
      await waitForMore(records.at(-1)!.offset, early, options)
      continue
    }
    return takenOf(after, records, options)
  }
  return undefined
}

/** The batch behind this offset, already packed, if it is a full one; else undefined: it is taken in its turn. */
export async function takeAhead(after: number, options: TakeOptions): Promise<TakenBatch | undefined> {
  const { log, topic, partition, maxRecords, maxBytes } = options
  const records = await log.read(topic, partition, after + 1, { maxRecords, maxBytes })
  if (records.length === 0) return undefined
  const taken = await takenOf(after, records, options)
  return taken.isFull ? { ...taken, packed: packBatch(taken) } : undefined
}

async function takenOf(
  after: number,
  records: readonly LogRecord[],
  { log, topic, partition, clock, maxRecords }: TakeOptions,
): Promise<TakenBatch> {
  const growthAt = records.findIndex(({ key }) => key === GROWTH_KEY)
  if (growthAt >= 0) return takenToGrowth(after, records.slice(0, growthAt + 1), clock.now())
  const last = records.at(-1)!.offset
  const { next } = await log.bounds(topic, partition)
  // Bytes may have been the limit as well.
  const isFull = records.length >= maxRecords || next - 1 - last >= Math.max(records.length, MANY)
  return { first: after + 1, last, records, takenAt: clock.now(), isFull }
}

/** What is behind a growth of the topic is another batch: other keys belong to the partition from there on. */
function takenToGrowth(after: number, records: readonly LogRecord[], takenAt: number): TakenBatch {
  const { offset, key, value } = records.at(-1)!
  return { first: after + 1, last: offset, records, takenAt, growth: parseGrowth(key, value), isFull: false }
}

/** So many that wait are worth a batch of their own. */
const MANY = 5_000

async function waitForMore(
  after: number,
  ms: number,
  { log, topic, partition, signal }: TakeOptions,
): Promise<void> {
  await log.waitForRecords(topic, new Map([[partition, after + 1]]), ms, signal)
}

function hasFacts(records: readonly LogRecord[]): boolean {
  if (records.length > PEEK_RECORDS) return true
  return records.some((record) => !Buffer.from(record.value).includes('"source.progress"'))
}
