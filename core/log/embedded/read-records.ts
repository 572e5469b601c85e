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

/** Reads from one snapshot, so that a trim by another process cannot fall into the middle. */
export function readRecords(store: Store, position: ReadPosition, limits: ReadLimits): LogRecord[] {
  const { topic, partition, offset } = position
  return store.snapshot(() => {
    const { first, next } = readBounds(store, partitionKey(topic.id, partition))
    if (offset < first) throw trimmed(position, first)
    const records: LogRecord[] = []
    let bytes = 0
    let at = offset
    while (at < next && records.length < limits.maxRecords && bytes < limits.maxBytes) {
      const chunk = chunkWith(store, { topic, partition, offset: at })
      const end = Math.min(chunk.base + chunkCount(chunk.bytes), at + limits.maxRecords - records.length)
      for (; at < end && bytes < limits.maxBytes; at++) {
        const record = recordAt(chunk.bytes, at - chunk.base, at)
        bytes += record.value.length
        records.push(record)
      }
    }
    return records
  })
}

/** Most reads go on where a chunk begins, which costs one look-up; others look for the chunk before. */
function chunkWith(store: Store, position: ReadPosition): { base: number; bytes: Buffer } {
  const { topic, partition, offset } = position
  const exact = chunkKey(topic.id, partition, offset)
  const found = store.chunks.getBinary(exact)
  if (found) return { base: offset, bytes: checked(position, exact, found) }
  const key = keyBefore(store, position)
  const bytes = key && store.chunks.getBinary(key)
  if (!key || !bytes) throw corruptAt(position, 'no chunk holds it')
  const base = baseOffsetOf(key)
  checked({ ...position, offset: base }, key, bytes)
  if (offset >= base + chunkCount(bytes)) throw corruptAt(position, 'no chunk holds it')
  return { base, bytes }
}

function keyBefore(store: Store, { topic, partition, offset }: ReadPosition): Buffer | undefined {
  const start = chunkKey(topic.id, partition, offset)
  const end = partitionKey(topic.id, partition)
  for (const key of store.chunks.getKeys({ start, end, reverse: true, limit: 1 })) return Buffer.from(key)
  return undefined
}

function checked(position: ReadPosition, key: Buffer, bytes: Buffer): Buffer {
  const damage = findDamage(bytes, key)
  if (damage) throw corruptAt(position, damage)
  return bytes
}

function corruptAt({ topic, partition, offset }: ReadPosition, why: string): RevwallError {
  return corruptChunk({ topic: topic.name, partition, offset }, why)
}

function trimmed({ topic, partition, offset }: ReadPosition, first: number): RevwallError {
  const where = `Topic ${topic.name}, partition ${partition}`
  return new RevwallError('LOG_TRIMMED', `${where}: offset ${offset} is gone, the oldest record is ${first}.`)
}
