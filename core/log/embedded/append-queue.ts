/**
 * Appends of the same turn share one transaction, and so one fsync: what many small appends cost is the fsync. Each
 * is still all or nothing for itself: when the shared transaction fails, each is tried alone.
 */
import type { AppendResult } from '../event-log.ts'
import { sealChunk } from './chunk.ts'
import { chunkKey, partitionKey } from './keys.ts'
import { MAX_GROUPED_APPENDS, MAX_GROUPED_BYTES } from './limits.ts'
import type { PackedAppend } from './pack-records.ts'
import { encodeBounds, readBounds, type Store } from './store.ts'

export interface AppendQueue {
  add(topicId: number, packed: PackedAppend): Promise<AppendResult[]>
  /** Writes what waits, at once. */
  flush(): void
}

interface Waiting {
  topicId: number
  packed: PackedAppend
  resolve(results: AppendResult[]): void
  reject(error: unknown): void
}

export function createAppendQueue(store: Store, onAppended: () => void): AppendQueue {
  let group: Waiting[] = []
  let groupBytes = 0
  let turn: NodeJS.Immediate | undefined

  const flush = () => {
    clearImmediate(turn)
    turn = undefined
    const waiting = group
    group = []
    groupBytes = 0
    if (waiting.length === 0) return
    if (writeAll(store, waiting) > 0) onAppended()
  }
  const add = (topicId: number, packed: PackedAppend) =>
    new Promise<AppendResult[]>((resolve, reject) => {
      group.push({ topicId, packed, resolve, reject })
      groupBytes += packed.bytes
      if (group.length >= MAX_GROUPED_APPENDS || groupBytes >= MAX_GROUPED_BYTES) flush()
      else turn ??= setImmediate(flush)
    })
  return { add, flush }
}

/** How many of the appends were written. */
function writeAll(store: Store, waiting: readonly Waiting[]): number {
  const bytes = waiting.reduce((sum, { packed }) => sum + packed.bytes, 0)
  let results: AppendResult[][]
  try {
    results = store.transact(() => waiting.map((append) => writeAppend(store, append)), bytes)
  } catch (error) {
    if (waiting.length > 1) return waiting.reduce((written, one) => written + writeAll(store, [one]), 0)
    waiting[0]!.reject(error)
    return 0
  }
  for (const [index, append] of waiting.entries()) append.resolve(results[index]!)
  return waiting.length
}

/** The next offset is read inside the transaction, never remembered: other processes append as well. */
function writeAppend(store: Store, { topicId, packed }: Waiting): AppendResult[] {
  const results: AppendResult[] = []
  for (const [partition, chunks] of packed.partitions) {
    const head = partitionKey(topicId, partition)
    const { first, next: baseOffset } = readBounds(store, head)
    let next = baseOffset
    for (const chunk of chunks) {
      const key = chunkKey(topicId, partition, next)
      sealChunk(chunk, key)
      store.chunks.put(key, chunk.bytes)
      next += chunk.count
    }
    store.heads.put(head, encodeBounds({ first, next }))
    results.push({ partition, baseOffset, count: next - baseOffset })
  }
  return results
}
