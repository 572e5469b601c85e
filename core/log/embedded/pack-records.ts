import { RevwallError } from '../../runtime/errors.ts'
import type { NewRecord } from '../event-log.ts'
import { type Chunk, EMPTY_CHUNK_BYTES, encodeChunk, packedBytes } from './chunk.ts'
import {
  MAX_APPEND_BYTES,
  MAX_APPEND_RECORDS,
  MAX_CHUNK_BYTES,
  MAX_KEY_BYTES,
  MAX_RECORD_BYTES,
} from './limits.ts'

/** The chunks of one append, by partition. */
export interface PackedAppend {
  partitions: Map<number, Chunk[]>
  bytes: number
}

/** Checks the records and packs them, each partition's in the order given. */
export function packRecords(
  topic: { name: string; partitions: number },
  records: readonly NewRecord[],
  appendedAt: number,
): PackedAppend {
  if (records.length > MAX_APPEND_RECORDS)
    throw tooManyAtOnce(`${records.length} records`, MAX_APPEND_RECORDS)
  const byPartition = new Map<number, NewRecord[]>()
  for (const record of records) {
    checkPartition(topic, record.partition)
    const list = byPartition.get(record.partition)
    if (list) list.push(record)
    else byPartition.set(record.partition, [record])
  }
  const packed: PackedAppend = { partitions: new Map(), bytes: 0 }
  for (const partition of [...byPartition.keys()].sort((a, b) => a - b)) {
    const chunks = packPartition(topic.name, byPartition.get(partition)!, appendedAt)
    for (const chunk of chunks) packed.bytes += chunk.bytes.length
    if (packed.bytes > MAX_APPEND_BYTES) throw tooManyAtOnce(`${packed.bytes} bytes`, MAX_APPEND_BYTES)
    packed.partitions.set(partition, chunks)
  }
  return packed
}

export function checkPartition(topic: { name: string; partitions: number }, partition: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < topic.partitions) return
  const message = `Topic ${topic.name} has partitions 0 to ${topic.partitions - 1}, not ${partition}.`
  throw new RevwallError('LOG_UNKNOWN_PARTITION', message)
}

function packPartition(topic: string, records: readonly NewRecord[], appendedAt: number): Chunk[] {
  const chunks: Chunk[] = []
  let start = 0
  let bytes = EMPTY_CHUNK_BYTES
  records.forEach((record, index) => {
    const more = checkedBytes(topic, record)
    if (index > start && bytes + more > MAX_CHUNK_BYTES) {
      chunks.push(encodeChunk(records.slice(start, index), bytes, appendedAt))
      start = index
      bytes = EMPTY_CHUNK_BYTES
    }
    bytes += more
  })
  chunks.push(encodeChunk(records.slice(start), bytes, appendedAt))
  return chunks
}

function checkedBytes(topic: string, record: NewRecord): number {
  const bytes = packedBytes(record)
  if (bytes <= MAX_RECORD_BYTES && bytes - record.value.length <= MAX_KEY_BYTES) return bytes
  const message = `A record of topic ${topic} (key ${record.key.slice(0, 80)}) has ${bytes} bytes; a record may have ${MAX_RECORD_BYTES}, its key ${MAX_KEY_BYTES}.`
  throw new RevwallError('LOG_RECORD_TOO_LARGE', message)
}

function tooManyAtOnce(what: string, maximum: number): RevwallError {
  return new RevwallError('LOG_APPEND_TOO_LARGE', `One append of ${what} is above ${maximum}: divide it.`)
}
