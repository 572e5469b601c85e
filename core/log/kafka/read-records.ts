import { RevwallError } from '../../runtime/errors.ts'
import type { LogRecord, PartitionBounds, ReadLimits } from '../event-log.ts'
import { type Fetched, fetchRecords, READ_COMMITTED } from './fetch-records.ts'
import type { KafkaClient } from './kafka-client.ts'
import { FETCH_BYTES } from './limits.ts'
import type { Chunk, ReadAhead } from './read-ahead.ts'

export interface PartitionPlace {
  /** Kafka's name of the topic. */
  topic: string
  partition: number
}

export interface ReadParts {
  client: KafkaClient
  readAhead: ReadAhead
  /** Asked when the log ends before an offset that it once had: throws where the topic is not the one it was. */
  checkLife: () => Promise<void>
}

/** Fetches until the limits, or the end as it was when it was last heard of. Errors: `LOG_TRIMMED`. */
export async function readRecords(
  parts: ReadParts,
  { topic, partition }: PartitionPlace,
  offset: number,
  limits: ReadLimits,
): Promise<LogRecord[]> {
  const { readAhead } = parts
  const read: LogRecord[] = []
  let left = limits.maxBytes
  for (let at = offset; ; ) {
    const chunk = readAhead.take(topic, partition, at) ?? (await fetchChunk(parts, { topic, partition }, at))
    const taken = countWithin(chunk.records, limits.maxRecords - read.length, left)
    for (let n = 0; n < taken; n++) {
      read.push(chunk.records[n]!)
      left -= sizeOf(chunk.records[n]!)
    }
    if (taken < chunk.records.length) {
      keepRest(readAhead, { topic, partition }, chunk, taken)
      return read
    }
    if (read.length >= limits.maxRecords || left <= 0 || chunk.next >= chunk.end || chunk.next === at)
      return read
    at = chunk.next
  }
}

/** How many fit; the one that passes the bytes still does, so that there is always one. */
function countWithin(records: readonly LogRecord[], maxRecords: number, maxBytes: number): number {
  let bytes = 0
  for (let n = 0; n < records.length; n++) {
    if (n >= maxRecords || bytes >= maxBytes) return n
    bytes += sizeOf(records[n]!)
  }
  return records.length
}

function sizeOf({ key, value }: LogRecord): number {
  return key.length + value.length
}

/** Under the offset that whoever goes on asks for: behind the last one read, wherever the next one lies. */
function keepRest(
  readAhead: ReadAhead,
  { topic, partition }: PartitionPlace,
  chunk: Chunk,
  taken: number,
): void {
  const records = chunk.records.slice(taken)
  const bytes = Math.ceil((chunk.bytes * records.length) / chunk.records.length)
  readAhead.put(topic, partition, chunk.records[taken - 1]!.offset + 1, { ...chunk, records, bytes })
}

async function fetchChunk(
  parts: ReadParts,
  { topic, partition }: PartitionPlace,
  offset: number,
): Promise<Chunk> {
  const { client } = parts
  const limits = { partitionBytes: FETCH_BYTES, maxBytes: FETCH_BYTES, waitMs: 0 }
  const fetched = await client.withLeader(topic, partition, async (broker): Promise<Fetched> => {
    const [answer] = await fetchRecords(broker, [{ topic, partition, offset }], limits)
    if (answer!.error !== undefined && answer!.error.type !== OUT_OF_RANGE) throw answer!.error
    return answer!
  })
  if (fetched.error === undefined) return fetched
  const { first, next } = await readBounds(client, { topic, partition })
  if (offset < first) throw trimmed(topic, partition, offset, first)
  if (offset > next) await parts.checkLife()
  return { records: [], next: offset, end: next, bytes: 0 }
}

export const OUT_OF_RANGE = 'OFFSET_OUT_OF_RANGE'

const EARLIEST = -2
const LATEST = -1

export async function readBounds(client: KafkaClient, place: PartitionPlace): Promise<PartitionBounds> {
  const [first, next] = await Promise.all([
    listOffset(client, place, EARLIEST),
    listOffset(client, place, LATEST),
  ])
  return { first, next }
}

/** The offset of the first record of this time or later, in ms; -1 where there is none. */
export async function listOffset(
  client: KafkaClient,
  { topic, partition }: PartitionPlace,
  timestamp: number,
): Promise<number> {
  const topics = [{ topic, partitions: [{ partition, timestamp }] }]
  const answer = await client.withLeader(topic, partition, (broker) =>
    broker.listOffsets({ isolationLevel: READ_COMMITTED, topics }),
  )
  return Number(answer.responses[0]!.partitions[0]!.offset)
}

export function trimmed(topic: string, partition: number, offset: number, first: number): RevwallError {
  const message = `Topic ${topic}, partition ${partition}: offset ${offset} was trimmed, the oldest kept is ${first}.`
  return new RevwallError('LOG_TRIMMED', message)
}
