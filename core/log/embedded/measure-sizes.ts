/** How much space records take and how old they are, from the oldest on: only what may be trimmed is looked at. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LogSizes } from '../event-log.ts'
import { chunkAppendedAt, chunkCount, findDamage } from './chunk.ts'
import { baseOffsetOf, chunkKey, MAX_OFFSET, partitionKey } from './keys.ts'
import { corruptChunk } from './log-errors.ts'
import { readBounds, type Store } from './store.ts'
import type { Topic } from './topics.ts'

/** Chunks looked at in one turn: up to 16 MB are copied. */
const CHUNKS_PER_TURN = 250

export interface SizesParts {
  store: Store
  /** Throws for what is unknown. */
  find: (topic: string, partition: number) => Topic
}

export function createSizes({ store, find }: SizesParts): LogSizes {
  return {
    bytes: async () => store.snapshot(() => bytesOf(store)),
    offsetAfterTime: async (topic, partition, time, limit) => {
      const scope = { store, topic: find(topic, partition), partition, limit }
      return walk(scope, (chunk) => chunkAppendedAt(chunk) < time)
    },
    offsetAfterBytes: async (topic, partition, bytes, limit) => {
      let left = bytes
      return walk({ store, topic: find(topic, partition), partition, limit }, (chunk) => {
        if (left <= 0) return false
        left -= spaceOf(chunk, PAGE_BYTES)
        return true
      })
    },
  }
}

const PAGE_BYTES = 4096

/** A large value has pages of its own. */
function spaceOf(chunk: Buffer, pageBytes: number): number {
  return chunk.length < pageBytes / 2 ? chunk.length : Math.ceil(chunk.length / pageBytes) * pageBytes
}

interface Pages {
  pageSize: number
  treeBranchPageCount: number
  treeLeafPageCount: number
  overflowPages: number
}

/** Pages in use: the file itself does not shrink. */
function bytesOf({ chunks }: Store): number {
  const pages = chunks.getStats() as Pages
  return pages.pageSize * (pages.treeBranchPageCount + pages.treeLeafPageCount + pages.overflowPages)
}

interface Scope {
  store: Store
  topic: Topic
  partition: number
  limit: number
}

/** Over whole chunks, while `passes` says so; ends at the limit, in the middle of a chunk too. */
async function walk(scope: Scope, passes: (chunk: Buffer) => boolean): Promise<number> {
  const { store, topic, partition, limit } = scope
  let at = store.snapshot(() => readBounds(store, partitionKey(topic.id, partition)).first)
  for (;;) {
    const { end, goesOn } = store.snapshot(() => walkSome(scope, at, passes))
    at = Math.max(at, end)
    if (!goesOn || at >= limit) return Math.min(at, Math.max(limit, 0))
    await nextTurn()
  }
}

function walkSome(
  { store, topic, partition, limit }: Scope,
  from: number,
  passes: (chunk: Buffer) => boolean,
): { end: number; goesOn: boolean } {
  const start = chunkKey(topic.id, partition, from)
  const end = chunkKey(topic.id, partition, MAX_OFFSET)
  // The first one may begin before `from`, where a trim ended in its middle; it is left for the next time.
  let done = from
  let seen = 0
  for (const found of store.chunks.getKeys({ start, end, limit: CHUNKS_PER_TURN })) {
    const key = Buffer.from(found)
    const base = baseOffsetOf(key)
    if (base >= limit) return { end: done, goesOn: false }
    const bytes = store.chunks.getBinary(key)
    const damage = bytes ? findDamage(bytes, key) : 'no chunk holds it'
    if (!bytes || damage) throw corruptChunk({ topic: topic.name, partition, offset: base }, damage!)
    if (!passes(bytes)) return { end: done, goesOn: false }
    done = base + chunkCount(bytes)
    seen += 1
  }
  return { end: done, goesOn: seen === CHUNKS_PER_TURN }
}
