import { RevwallError } from '../../runtime/errors.ts'
import type { TopicOptions } from '../event-log.ts'
import { mismatch } from '../topic-mismatch.ts'
import { MAX_NAME_LENGTH, MAX_TOPIC_PARTITIONS } from './limits.ts'
import { unknownTopic } from './log-errors.ts'
import type { Store } from './store.ts'

/** One object for each topic of a handle. Nothing of it changes once it is made but the number of partitions. */
export interface Topic {
  readonly id: number
  readonly name: string
  /** It grows; see `look`. */
  partitions: number
  /** Infinity keeps all. */
  retentionMs: number
}

export interface Topics {
  ensure(name: string, options: TopicOptions): void
  grow(name: string, partitions: number): void
  /** Another process may have let it grow a moment ago. */
  find(name: string): Topic
  all(): Topic[]
}

interface StoredTopic {
  [name: string]: number | null
  id: number
  partitions: number
  /** JSON has no Infinity. */
  retentionMs: number | null
}

/** How long a handle may not know of a growth. */
const LOOK_INTERVAL_MS = 500

export function openTopics(store: Store): Topics {
  const known = new Map<string, Topic>()
  let lookedAt = performance.now()
  const load = (name: string): Topic | undefined => {
    const stored = store.meta.get(['topic', name]) as StoredTopic | undefined
    if (!stored) return undefined
    const former = known.get(name)
    if (former) former.partitions = stored.partitions
    const topic = former ?? {
      ...stored,
      name,
      retentionMs: stored.retentionMs ?? Number.POSITIVE_INFINITY,
    }
    known.set(name, topic)
    return topic
  }
  const look = () => {
    if (performance.now() - lookedAt < LOOK_INTERVAL_MS) return
    lookedAt = performance.now()
    store.snapshot(() => {
      for (const name of known.keys()) load(name)
    })
  }
  const find = (name: string) => {
    look()
    const topic = known.get(name) ?? store.snapshot(() => load(name))
    if (!topic) throw unknownTopic(name)
    return topic
  }
  return {
    find,
    ensure: (name, options) => {
      const topic =
        store.snapshot(() => load(name)) ?? store.transact(() => load(name) ?? create(store, name, options))
      if (topic.partitions % options.partitions !== 0)
        throw otherPartitions(name, topic.partitions, options.partitions)
      known.set(name, topic)
    },
    grow: (name, partitions) =>
      store.transact(() => {
        const stored = store.meta.get(['topic', name]) as StoredTopic | undefined
        if (!stored) throw unknownTopic(name)
        if (partitions % stored.partitions !== 0) throw otherPartitions(name, stored.partitions, partitions)
        checkCount(name, partitions)
        store.meta.put(['topic', name], { ...stored, partitions })
        load(name)
      }),
    all: () => store.snapshot(() => topicNames(store)).map(find),
  }
}

function create(store: Store, name: string, { partitions, retentionMs }: TopicOptions): Topic {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) throw new RangeError(`bad topic name: ${name}`)
  checkCount(name, partitions)
  const id = topicNames(store).length
  const stored: StoredTopic = {
    id,
    partitions,
    retentionMs: Number.isFinite(retentionMs) ? retentionMs : null,
  }
  store.meta.put(['topic', name], stored)
  return { id, name, partitions, retentionMs }
}

function checkCount(name: string, partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= MAX_TOPIC_PARTITIONS) return
  throw new RangeError(`topic ${name}: ${partitions} partitions`)
}

function topicNames(store: Store): string[] {
  const range = { start: ['topic'], end: ['topic', '\uffff'] }
  return [...store.meta.getKeys(range)].map((key) => String(key[1]))
}

function otherPartitions(name: string, has: number, asked: number): RevwallError {
  return new RevwallError('LOG_TOPIC_MISMATCH', mismatch(name, has, asked))
}
