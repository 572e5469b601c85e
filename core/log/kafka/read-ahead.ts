/**
 * Records that were fetched and not read yet: what a wait brought along, and what a read left over. Known by the offset
 * that is asked for next, so that readers at several places of a partition do not disturb each other. A log does not
 * change; what is trimmed meanwhile may be read once more.
 */
import type { LogRecord } from '../event-log.ts'
import { READ_AHEAD_BYTES } from './limits.ts'

export interface Chunk {
  records: LogRecord[]
  /** Where the next fetch begins. */
  next: number
  /** The end of the partition at that time. */
  end: number
  bytes: number
}

export interface ReadAhead {
  has(topic: string, partition: number, offset: number): boolean
  put(topic: string, partition: number, offset: number, chunk: Chunk): void
  /** Gives it away. */
  take(topic: string, partition: number, offset: number): Chunk | undefined
  clear(): void
}

export function createReadAhead(maxBytes = READ_AHEAD_BYTES): ReadAhead {
  // In the order in which they came.
  const chunks = new Map<string, Chunk>()
  let bytes = 0
  const keyOf = (topic: string, partition: number, offset: number) => `${topic}/${partition}/${offset}`
  const remove = (key: string) => {
    const chunk = chunks.get(key)
    if (chunk === undefined) return undefined
    chunks.delete(key)
    bytes -= chunk.bytes
    return chunk
  }
  return {
    has: (topic, partition, offset) => chunks.has(keyOf(topic, partition, offset)),
    take: (topic, partition, offset) => remove(keyOf(topic, partition, offset)),
    put: (topic, partition, offset, chunk) => {
      const key = keyOf(topic, partition, offset)
      remove(key)
      chunks.set(key, chunk)
      bytes += chunk.bytes
      for (const oldest of chunks.keys()) {
        if (bytes <= maxBytes) return
        remove(oldest)
      }
    },
    clear: () => {
      chunks.clear()
      bytes = 0
    },
  }
}
