/** Finds the last `source.progress` of a source in the log, reading each partition backwards in growing windows. */
import { ordersTopicEvent } from '../../../core/contracts/events.ts'
import type { SourceProgress } from '../../../core/contracts/source-progress.ts'
import type { EventLog, LogRecord } from '../../../core/log/event-log.ts'
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
export async function readPosition(
  log: EventLog,
  topic: string,
  key: string,
): Promise<FoundPosition | undefined> {
  let least: FoundPosition | undefined
  for (let partition = 0; partition < log.partitions(topic); partition++) {
    const progress = await lastProgress(log, topic, partition, key)
    if (progress === undefined) return undefined
    const found = { position: parsePosition(progress.note), upToMs: Date.parse(progress.upTo) }
    if (least === undefined || isBefore(found.position, least.position)) least = found
  }
  return least
}

function isBefore(a: Position, b: Position): boolean {
  return a.pass < b.pass || (a.pass === b.pass && a.next < b.next)
}

async function lastProgress(
  log: EventLog,
  topic: string,
  partition: number,
  key: string,
): Promise<SourceProgress | undefined> {
  const { first, next } = await log.bounds(topic, partition)
  let end = next
  for (let window = FIRST_WINDOW; end > first; window = Math.min(window * 4, MAX_WINDOW)) {
    const from = Math.max(first, end - window)
    const record = await lastOfKey(log, { topic, partition, key, from, end })
    const event = record && ordersTopicEvent.parse(JSON.parse(Buffer.from(record.value).toString('utf8')))
    if (event?.type === 'source.progress') return event
    end = from
  }
  return undefined
}

async function lastOfKey(
  log: EventLog,
  range: { topic: string; partition: number; key: string; from: number; end: number },
): Promise<LogRecord | undefined> {
  let last: LogRecord | undefined
  for (let at = range.from; at < range.end; ) {
    const limits = { maxRecords: range.end - at, maxBytes: MAX_READ_BYTES }
    const records = await log.read(range.topic, range.partition, at, limits)
    for (const record of records) if (record.key === range.key && record.offset < range.end) last = record
    const newest = records.at(-1)
    if (newest === undefined) break
    at = newest.offset + 1
  }
  return last
}
