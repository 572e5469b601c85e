/** The log's topics at Kafka: made with explicit partitions, which may grow; whoever runs Kafka may change their settings. */
import { RevwallError } from '../../runtime/errors.ts'
import type { TopicOptions } from '../event-log.ts'
import { mismatch } from '../topic-mismatch.ts'
import type { KafkaClient } from './kafka-client.ts'
import { kafkaErrorType, unknownTopic } from './kafka-errors.ts'
import { TOPIC_MESSAGE_BYTES } from './limits.ts'
import { readTopics, type TopicFacts } from './read-topics.ts'

export interface Topic {
  /** As the contract calls it. */
  name: string
  /** As Kafka does: with the prefix. */
  kafkaName: string
  id: string
  /** It grows; see `look`. */
  partitions: number
  /** Known of topics that this handle ensured; Infinity of others. */
  retentionMs: number
}

export interface Topics {
  ensure(name: string, options: TopicOptions): Promise<void>
  /** One that was ensured, or found, by this handle. Throws `LOG_UNKNOWN_TOPIC`. */
  known(name: string): Topic
  has(name: string): boolean
  /** Looks at Kafka for one that is not known yet. */
  find(name: string): Promise<Topic>
  all(): Topic[]
  /** The id that it has now; undefined when it is gone. */
  idNow(name: string): Promise<string | undefined>
  /** Resolves when every partition can be written. Throws `LOG_TOPIC_MISMATCH`. */
  grow(name: string, partitions: number): Promise<void>
  /** Asks how many partitions each has; resolves with whether one has grown. */
  look(): Promise<boolean>
}

export interface TopicParts {
  client: KafkaClient
  prefix: string
  /** Copies of each partition; undefined: three, or as many as there are brokers. */
  replication: number | undefined
}

const MAX_REPLICATION = 3
const READY_ATTEMPTS = 100
const READY_POLL_MS = 50

export function createTopics({ client, prefix, replication }: TopicParts): Topics {
  const known = new Map<string, Topic>()
  const look = async (name: string) => {
    const kafkaName = prefix + name
    return (await client.withAny((broker) => readTopics(broker, [kafkaName]))).get(kafkaName)
  }
  /** What grew by another number is not followed: keys would move between the partitions that there were. */
  const follow = async (topic: Topic, { id, partitions }: TopicFacts) => {
    if (id !== topic.id || partitions <= topic.partitions || partitions % topic.partitions !== 0) return false
    await client.refresh()
    topic.partitions = partitions
    return true
  }
  const keep = async (name: string, { id, partitions }: TopicFacts, retentionMs: number) => {
    const topic = { name, kafkaName: prefix + name, id, partitions, retentionMs }
    await client.watchTopic(topic.kafkaName)
    known.set(name, topic)
    return topic
  }
  /** Kafka answers before every broker knows of it. */
  const lookUntilReady = async (name: string, partitions = 1) => {
    for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
      const facts = await look(name)
      if (facts?.isReady && facts.partitions >= partitions) return facts
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
    }
    throw new RevwallError('LOG_UNREACHABLE', `Topic ${prefix}${name} has partitions without a leader.`)
  }
  const create = (name: string, options: TopicOptions) => {
    const replicationFactor = replicationOf(replication, client)
    const { partitions: numPartitions } = options
    const configEntries = configOf(options, replicationFactor)
    const topics = [{ topic: prefix + name, numPartitions, replicationFactor, configEntries }]
    return client
      .withAny((broker) => broker.createTopics({ topics }))
      .catch((error) => {
        // Another process was faster.
        if (kafkaErrorType(error) !== 'TOPIC_ALREADY_EXISTS') throw error
      })
  }
  const createPartitions = ({ kafkaName }: Topic, count: number) =>
    client
      .withAny((broker) => broker.createPartitions({ topicPartitions: [{ topic: kafkaName, count }] }))
      .catch((error) => {
        // Another process was faster; what is there is looked at next.
        if (kafkaErrorType(error) !== 'INVALID_PARTITIONS') throw error
      })
  return {
    ensure: async (name, options) => {
      if (!Number.isInteger(options.partitions) || options.partitions < 1)
        throw new RangeError(`topic ${name}: ${options.partitions} partitions`)
      const former = known.get(name)
      if (former === undefined && !(await look(name))?.isReady) await create(name, options)
      const topic = former ?? (await keep(name, await lookUntilReady(name), options.retentionMs))
      topic.retentionMs = options.retentionMs
      if (topic.partitions % options.partitions !== 0) throw otherPartitions(topic, options.partitions)
    },
    grow: async (name, partitions) => {
      const before = await lookUntilReady(name)
      const topic = known.get(name) ?? (await keep(name, before, Number.POSITIVE_INFINITY))
      if (!Number.isInteger(partitions) || partitions < 1 || partitions % before.partitions !== 0)
        throw otherPartitions({ ...topic, partitions: before.partitions }, partitions)
      if (partitions > before.partitions) await createPartitions(topic, partitions)
      await follow(topic, await lookUntilReady(name, partitions))
    },
    look: async () => {
      const all = [...known.values()]
      const facts = await client.withAny((broker) =>
        readTopics(
          broker,
          all.map(({ kafkaName }) => kafkaName),
        ),
      )
      let hasGrown = false
      for (const topic of all) {
        const now = facts.get(topic.kafkaName)
        if (now?.isReady && (await follow(topic, now))) hasGrown = true
      }
      return hasGrown
    },
    known: (name) => {
      const topic = known.get(name)
      if (topic === undefined) throw unknownTopic(name)
      return topic
    },
    has: (name) => known.has(name),
    find: async (name) => {
      const topic = known.get(name)
      if (topic !== undefined) return topic
      const facts = await look(name)
      if (facts === undefined) throw unknownTopic(name)
      return keep(name, facts, Number.POSITIVE_INFINITY)
    },
    all: () => [...known.values()],
    idNow: async (name) => (await look(name))?.id,
  }
}

export function replicationOf(replication: number | undefined, { brokerCount }: KafkaClient): number {
  return replication ?? Math.min(MAX_REPLICATION, brokerCount)
}

export function configOf({ retentionMs, retentionBytes }: TopicOptions, replicationFactor: number) {
  const settings = {
    'retention.ms': Number.isFinite(retentionMs) ? retentionMs : -1,
    'retention.bytes': retentionBytes === undefined || !Number.isFinite(retentionBytes) ? -1 : retentionBytes,
    'cleanup.policy': 'delete',
    'max.message.bytes': TOPIC_MESSAGE_BYTES,
    // Ages are judged by the broker's clock, as are those of the embedded log by the log's.
    'message.timestamp.type': 'LogAppendTime',
    // Whatever other producers pack their records with, we can read them.
    'compression.type': 'uncompressed',
    // One broker may fail, and what was acknowledged is still there.
    'min.insync.replicas': replicationFactor >= 3 ? 2 : 1,
  }
  return Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }))
}

function otherPartitions(topic: Topic, asked: number): RevwallError {
  return new RevwallError('LOG_TOPIC_MISMATCH', mismatch(topic.kafkaName, topic.partitions, asked))
}
