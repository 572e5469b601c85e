/** The topics of a log that is copied to Kafka: whether there are any, made for copying, and made ordinary ones in the end. */
import { RevwallError } from '../../runtime/errors.ts'
import type { TopicOptions } from '../event-log.ts'
import type { KafkaClient } from './kafka-client.ts'
import { kafkaErrorType } from './kafka-errors.ts'
import { lifeNoteTopic, readLifeNote } from './life-note.ts'
import { type KafkaLogOptions, LIFE_TOPIC } from './open-kafka-log.ts'
import { readTopics } from './read-topics.ts'
import { configOf, replicationOf } from './topics.ts'

export interface KafkaCopyOptions extends KafkaLogOptions {
  /** Every topic that a log may have. */
  topics: readonly string[]
  /** That of the original. */
  incarnation: string
  /** Where the original is, for people. */
  from: string
}

export const nameOfNote = ({ prefix = '', lifeTopic = LIFE_TOPIC }: KafkaLogOptions) =>
  lifeNoteTopic(prefix, lifeTopic)

const TOPIC_RESOURCE = 2
/** Ten seconds in all. */
const ATTEMPTS = 200
const POLL_MS = 50
const TIMESTAMPS = { name: 'message.timestamp.type', value: 'CreateTime' }

/** Kafka's names of what a copy that was broken off has left. */
export async function findRemains(client: KafkaClient, options: KafkaCopyOptions): Promise<string[]> {
  const noteTopic = nameOfNote(options)
  const names = [...options.topics.map((name) => (options.prefix ?? '') + name), noteTopic]
  const there = [...(await client.withAny((broker) => readTopics(broker, names))).keys()]
  if (there.length === 0) return []
  const note = await readLifeNote(client, noteTopic)
  const isOurs = note?.incarnation === options.incarnation || (note?.incarnation === '' && there.length === 1)
  if (note !== undefined && note.state !== 'whole' && isOurs) return there
  throw notEmpty(options, there)
}

/** Nothing goes by age or size while it is copied, and each record brings its own time. */
export async function createTopic(
  client: KafkaClient,
  { replication }: KafkaCopyOptions,
  topic: string,
  numPartitions: number,
): Promise<void> {
  const replicationFactor = replicationOf(replication, client)
  const kept = configOf(
    { partitions: numPartitions, retentionMs: Number.POSITIVE_INFINITY },
    replicationFactor,
  )
  const configEntries = [...kept.filter(({ name }) => name !== TIMESTAMPS.name), TIMESTAMPS]
  const topics = [{ topic, numPartitions, replicationFactor, configEntries }]
  await client.withAny((broker) => broker.createTopics({ topics }))
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const facts = (await client.withAny((broker) => readTopics(broker, [topic]))).get(topic)
    if (facts?.isReady) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new RevwallError('LOG_UNREACHABLE', `Topic ${topic} has partitions without a leader.`)
}

/** The settings that they keep. */
export async function settleTopics(
  client: KafkaClient,
  { prefix = '', replication }: KafkaCopyOptions,
  settings: ReadonlyMap<string, TopicOptions>,
): Promise<void> {
  const replicationFactor = replicationOf(replication, client)
  const resources = [...settings].map(([name, options]) => ({
    ...{ type: TOPIC_RESOURCE, name: prefix + name },
    configEntries: configOf(options, replicationFactor),
  }))
  await client.withAny((broker) => broker.alterConfigs({ resources }))
}

export async function deleteTopics(client: KafkaClient, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return
  await client.withAny((broker) => broker.deleteTopics({ topics: [...topics] })).catch(throwUnlessGone)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await client.withAny((broker) => readTopics(broker, topics))).size === 0) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new RevwallError(
    'LOG_COPY_NOT_EMPTY',
    `Kafka has not deleted what an earlier move left (${topics.join(', ')}): delete these topics, then run it again.`,
  )
}

function throwUnlessGone(error: unknown): void {
  if (kafkaErrorType(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
}

function notEmpty({ brokers, prefix }: KafkaCopyOptions, there: readonly string[]): RevwallError {
  const where = prefix ? ` with KAFKA_PREFIX ${prefix}` : ''
  return new RevwallError(
    'LOG_COPY_NOT_EMPTY',
    `Kafka at ${brokers.join(', ')} has topics already${where} (${there.join(', ')}); a log is moved to where there is none. Set ` +
      'another KAFKA_PREFIX, or delete these topics if nobody needs them.',
  )
}
