/** Finds the last `source.progress` of a source in the log, reading each partition backwards in growing windows. */
import { type SourceProgress, sourceProgress } from '../../../core/contracts/source-progress.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { type Position, parsePosition } from './position.ts'

export interface FoundPosition {
  position: Position
  upToMs: number
}

const FIRST_WINDOW = 256
const MAX_WINDOW = 16_384
const MAX_READ_BYTES = 4 * 1024 * 1024

/**
 * The least of the positions of all partitions: an append is one step in the embedded log, but Kafka may have taken
 * some partitions of it and not the others. Undefined when any partition has none: then it begins at the beginning.
 */
export async function readPosition(log: EventLog, key: string): Promise<FoundPosition | undefined> {
  let least: FoundPosition | undefined
  for (let partition = 0; partition < log.partitions('orders'); partition++) {
    const progress = await lastProgress(log, partition, key)
    if (progress === undefined) return undefined
    const found = { position: parsePosition(progress.note), upToMs: Date.parse(progress.upTo) }
    if (least === undefined || found.position.told < least.position.told) least = found
  }
  return least
}

async function lastProgress(
  log: EventLog,
  partition: number,
  key: string,
): Promise<SourceProgress | undefined> {
  const { first, next } = await log.bounds('orders', partition)
  let end = next
  for (let window = FIRST_WINDOW; end > first; window = Math.min(window * 4, MAX_WINDOW)) {
    const from = Math.max(first, end - window)
    const value = await lastOfKey(log, { partition, key, from, end })
    if (value !== undefined) return sourceProgress.parse(JSON.parse(Buffer.from(value).toString('utf8')))
    end = from
  }
  return undefined
}

/** Nothing but progress has the source's own key. */
async function lastOfKey(
  log: EventLog,
  range: { partition: number; key: string; from: number; end: number },
): Promise<Uint8Array | undefined> {
  let last: Uint8Array | undefined
  for (let at = range.from; at < range.end; ) {
    const limits = { maxRecords: range.end - at, maxBytes: MAX_READ_BYTES }
    const records = await log.read('orders', range.partition, at, limits)
    for (const { key, offset, value } of records) if (key === range.key && offset < range.end) last = value
    const newest = records.at(-1)
    if (newest === undefined) break
    at = newest.offset + 1
  }
  return last
}
