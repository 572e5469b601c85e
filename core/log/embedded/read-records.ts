import { RevwallError } from '../../runtime/errors.ts'
import type { LogRecord, ReadLimits } from '../event-log.ts'
import { chunkCount, findDamage, recordAt } from './chunk.ts'
import { baseOffsetOf, chunkKey, partitionKey } from './keys.ts'
import { corruptChunk } from './log-errors.ts'
import { readBounds, type Store } from './store.ts'
import type { Topic } from './topics.ts'

export interface ReadPosition {
  topic: Topic
  partition: number
  offset: number
}

export function readRecords(store: Store, position: ReadPosition, limits: ReadLimits): LogRecord[] {
  const records: LogRecord[] = []
  let bytes = 0
  readChunks(store, position, (chunk, from) => {
    const end = Math.min(chunk.base + chunkCount(chunk.bytes), from + limits.maxRecords - records.length)
    let at = from
    for (; at < end && bytes < limits.maxBytes; at++) {
      const record = recordAt(chunk.bytes, at - chunk.base, at)
      bytes += record.value.length
      records.push(record)
    }
    return records.length < limits.maxRecords && bytes < limits.maxBytes ? at : undefined
  })
  return records
}

/**
 * Hands over chunk after chunk, with the offset to begin at, until `take` says that it is enough. From one snapshot, so
 * that a trim by another process cannot fall into the middle.
 */
export function readChunks(
  store: Store,
  position: ReadPosition,
  take: (chunk: { base: number; bytes: Buffer }, from: number) => number | undefined,
): void {
  const { topic, partition, offset } = position
  store.snapshot(() => {
    const { first, next } = readBounds(store, partitionKey(topic.id, partition))
    if (offset < first) throw trimmed(position, first)
    let at: number | undefined = offset
    while (at !== undefined && at < next) {
      const chunk = chunkWith(store, { topic, partition, offset: at }, at > offset)
      if (!chunk) return
      at = take(chunk, at)
    }
  })
}

/**
 * Most reads go on where a chunk begins, which costs one look-up; others look for the chunk before. A damaged chunk
 * behind sound records ends the read instead: the sound ones are not held up, and the next read names the damage.
 */
function chunkWith(
  store: Store,
  position: ReadPosition,
  isContinued: boolean,
): { base: number; bytes: Buffer } | undefined {
  const found = findChunk(store, position)
  const damage = found ? findDamage(found.bytes, found.key) : 'no chunk holds it'
  const isShort = !damage && position.offset >= found!.base + chunkCount(found!.bytes)
  if (!damage && !isShort) return found
  if (isContinued) return undefined
  const { topic, partition, offset } = position
  throw corruptChunk({ topic: topic.name, partition, offset }, damage ?? 'no chunk holds it')
}

function findChunk(
  store: Store,
  position: ReadPosition,
): { base: number; key: Buffer; bytes: Buffer } | undefined {
  const { topic, partition, offset } = position
  const exact = chunkKey(topic.id, partition, offset)
  const found = store.chunks.getBinary(exact)
  if (found) return { base: offset, key: exact, bytes: found }
  const key = keyBefore(store, position)
  const bytes = key && store.chunks.getBinary(key)
  return key && bytes ? { base: baseOffsetOf(key), key, bytes } : undefined
}

function keyBefore(store: Store, { topic, partition, offset }: ReadPosition): Buffer | undefined {
  const start = chunkKey(topic.id, partition, offset)
  const end = partitionKey(topic.id, partition)
  for (const key of store.chunks.getKeys({ start, end, reverse: true, limit: 1 })) return Buffer.from(key)
  return undefined
}

function trimmed({ topic, partition, offset }: ReadPosition, first: number): RevwallError {
  const where = `Topic ${topic.name}, partition ${partition}`
  return new RevwallError('LOG_TRIMMED', `${where}: offset ${offset} is gone, the oldest record is ${first}.`)
}
