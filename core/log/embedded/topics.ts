import { RevwallError } from '../../runtime/errors.ts'
import type { TopicOptions } from '../event-log.ts'
import { MAX_NAME_LENGTH, MAX_TOPIC_PARTITIONS } from './limits.ts'
import { unknownTopic } from './log-errors.ts'
import type { Store } from './store.ts'

/** A topic never changes once it is made, so that a handle may remember it. */
export interface Topic {
  id: number
  name: string
  partitions: number
  /** Infinity keeps all. */
  retentionMs: number
}

export interface Topics {
  ensure(name: string, options: TopicOptions): void
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

export function openTopics(store: Store): Topics {
  const known = new Map<string, Topic>()
  const load = (name: string): Topic | undefined => {
    const stored = store.meta.get(['topic', name]) as StoredTopic | undefined
    if (!stored) return undefined
    const topic = { ...stored, name, retentionMs: stored.retentionMs ?? Number.POSITIVE_INFINITY }
    known.set(name, topic)
    return topic
  }
  const find = (name: string) => {
    const topic = known.get(name) ?? store.snapshot(() => load(name))
    if (!topic) throw unknownTopic(name)
    return topic
  }
  return {
    find,
    ensure: (name, options) => {
      const topic =
        known.get(name) ??
        store.snapshot(() => load(name)) ??
        store.transact(() => load(name) ?? create(store, name, options))
      if (topic.partitions !== options.partitions) throw otherPartitions(topic, options.partitions)
      known.set(name, topic)
    },
    all: () => store.snapshot(() => topicNames(store)).map(find),
  }
}

function create(store: Store, name: string, { partitions, retentionMs }: TopicOptions): Topic {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) throw new RangeError(`bad topic name: ${name}`)
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_TOPIC_PARTITIONS) {
    throw new RangeError(`topic ${name}: ${partitions} partitions`)
  }
  const id = topicNames(store).length
  const stored: StoredTopic = {
    id,
    partitions,
    retentionMs: Number.isFinite(retentionMs) ? retentionMs : null,
  }
  store.meta.put(['topic', name], stored)
  return { id, name, partitions, retentionMs }
}

function topicNames(store: Store): string[] {
  const range = { start: ['topic'], end: ['topic', '\uffff'] }
  return [...store.meta.getKeys(range)].map((key) => String(key[1]))
}

function otherPartitions(topic: Topic, asked: number): RevwallError {
  const message = `Topic ${topic.name} has ${topic.partitions} partitions, not ${asked}; keep the number it was made with.`
  return new RevwallError('LOG_TOPIC_MISMATCH', message)
}
