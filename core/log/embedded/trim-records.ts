import { setImmediate as nextTurn } from 'node:timers/promises'
import { chunkAppendedAt, chunkCount, findDamage } from './chunk.ts'
import { baseOffsetOf, chunkKey, MAX_OFFSET, partitionKey } from './keys.ts'
import { MAX_TRIMMED_CHUNKS } from './limits.ts'
import { corruptChunk } from './log-errors.ts'
import { withReserve } from './reserve.ts'
import { encodeBounds, readBounds, type Store } from './store.ts'
import type { Topic } from './topics.ts'

/**
 * The first step moves `first`, so that from then on nobody reads what goes; chunks that a crash leaves behind it
 * are removed by the next trim. A chunk with records on both sides stays whole.
 */
export async function trimRecords(
  store: Store,
  topic: Topic,
  partition: number,
  offset: number,
): Promise<void> {
  const step = () => store.transact(() => trimSome(store, topic, partition, offset))
  while (withReserve(store.folder, step)) await nextTurn()
}

/** True when there may be more to remove. */
function trimSome(store: Store, topic: Topic, partition: number, offset: number): boolean {
  const head = partitionKey(topic.id, partition)
  const { first, next } = readBounds(store, head)
  const target = Math.max(first, Math.min(offset, next))
  if (target > first) store.heads.put(head, encodeBounds({ first: target, next }))
  const keys = chunkKeys(store, topic, partition, MAX_TRIMMED_CHUNKS + 1)
  // A chunk ends where the next begins, the last one at `next`: no need to read values that are about to go.
  const ends = keys.map((_key, index) =>
    keys[index + 1] ? baseOffsetOf(keys[index + 1]!) : endOfLast(keys, next),
  )
  const whole = keys.slice(0, MAX_TRIMMED_CHUNKS).filter((_key, index) => ends[index]! <= target)
  for (const key of whole) store.chunks.remove(key)
  return whole.length === MAX_TRIMMED_CHUNKS
}

function endOfLast(keys: readonly Buffer[], next: number): number {
  return keys.length > MAX_TRIMMED_CHUNKS ? Number.POSITIVE_INFINITY : next
}

function chunkKeys(store: Store, topic: Topic, partition: number, limit: number): Buffer[] {
  const start = chunkKey(topic.id, partition, 0)
  const end = chunkKey(topic.id, partition, MAX_OFFSET)
  return [...store.chunks.getKeys({ start, end, limit })].map((key) => Buffer.from(key))
}

/** Removes what was appended before `oldest`; all records of a chunk were appended at the same time. */
export async function trimOlder(
  store: Store,
  topic: Topic,
  partition: number,
  oldest: number,
): Promise<void> {
  for (;;) {
    const { end, isAll } = store.snapshot(() => olderChunks(store, topic, partition, oldest))
    if (end > 0) await trimRecords(store, topic, partition, end)
    if (isAll) return
  }
}

/** Where the leading chunks that are older end, among as many as one trim step removes. */
function olderChunks(
  store: Store,
  topic: Topic,
  partition: number,
  oldest: number,
): { end: number; isAll: boolean } {
  const keys = chunkKeys(store, topic, partition, MAX_TRIMMED_CHUNKS)
  let end = 0
  for (const key of keys) {
    const bytes = store.chunks.getBinary(key)
    const base = baseOffsetOf(key)
    const damage = bytes ? findDamage(bytes, key) : 'no chunk holds it'
    if (!bytes || damage) throw corruptChunk({ topic: topic.name, partition, offset: base }, damage!)
    if (chunkAppendedAt(bytes) >= oldest) return { end, isAll: true }
    end = base + chunkCount(bytes)
  }
  return { end, isAll: keys.length < MAX_TRIMMED_CHUNKS }
}
