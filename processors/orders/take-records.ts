/**
 * Step 1: records m+1 … b, what is there when the batch before is done. Small when it is quiet, large under load; a
 * batch of nothing but progress waits a while longer, for an insert costs the same whatever its size.
 */
import { GROWTH_KEY, parseGrowth } from '../../core/contracts/partition-growth.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { type PackedRead, type PackedRecords, packedValue } from '../../core/log/packed-records.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { TakenBatch } from './batch.ts'

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
    const read = await readNext(after, options)
    if (read.offsets.length === 0) continue
    const early = sinceMs + options.progressIntervalMs - clock.now()
    if (early > 0 && !hasFacts(read)) {
      await waitForMore(read.offsets.at(-1)!, early, options)
      continue
    }
    return takenOf(after, read, options)
  }
  return undefined
}

/** The batch behind this offset, if it is a full one; else undefined: it is taken in its turn. */
export async function takeAhead(after: number, options: TakeOptions): Promise<TakenBatch | undefined> {
  const read = await readNext(after, options)
  if (read.offsets.length === 0) return undefined
  const taken = await takenOf(after, read, options)
  return taken.isFull ? taken : undefined
}

/** A batch that was taken before, and is in the log as it was. */
export async function takeAgain(taken: TakenBatch, options: TakeOptions): Promise<TakenBatch> {
  const { first, count } = taken
  return takenOf(first - 1, await readNext(first - 1, { ...options, maxRecords: count }), options)
}

function readNext(after: number, { log, topic, partition, maxRecords, maxBytes }: TakeOptions) {
  return log.readPacked(topic, partition, after + 1, { maxRecords, maxBytes, stopAfterKey: GROWTH_KEY })
}

async function takenOf(
  after: number,
  { isStopped, ...read }: PackedRead,
  { log, topic, partition, clock, maxRecords }: TakeOptions,
): Promise<TakenBatch> {
  const count = read.offsets.length
  const last = read.offsets[count - 1]!
  // What is behind a growth of the topic is another batch: other keys belong to the partition from there on.
  const growth = isStopped ? parseGrowth(GROWTH_KEY, packedValue(read, count - 1)) : undefined
  const { next } = await log.bounds(topic, partition)
  // Bytes may have been the limit as well.
  const isFull = !isStopped && (count >= maxRecords || next - 1 - last >= Math.max(count, MANY))
  const batch = { first: after + 1, last }
  const appended = { firstAt: read.appendedAt[0]!, lastAt: read.appendedAt[count - 1]! }
  return { ...batch, count, isFull, appended, packed: { ...batch, takenAt: clock.now(), growth, ...read } }
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

function hasFacts(read: PackedRecords): boolean {
  const { length } = read.offsets
  if (length > PEEK_RECORDS) return true
  for (let i = 0; i < length; i++) if (!isProgress(packedValue(read, i))) return true
  return false
}

function isProgress(value: Uint8Array<ArrayBuffer>): boolean {
  return Buffer.from(value.buffer, value.byteOffset, value.length).includes('"source.progress"')
}
