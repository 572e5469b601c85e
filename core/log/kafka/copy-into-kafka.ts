/**
 * A log that is copied to Kafka record by record, each at the offset that it had, with the time at which it was appended
 * (a date is judged by it, and a rate's version is made of it). What the original had trimmed is filled with empty records and trimmed
 * again: there is no other way to begin a partition at an offset. Until it is whole nobody else can open it (life-note.ts), and
 * whoever begins again deletes what was there: a send of a process that was killed may still arrive.
 */
import type { Message, Producer } from 'kafkajs'
import { systemClock } from '../../runtime/clock.ts'
import { RevwallError } from '../../runtime/errors.ts'
import { silentLogger } from '../../runtime/logger.ts'
import type { EventLog, LogRecord, PartitionBounds, TopicOptions } from '../event-log.ts'
import { bytesOf, checkLanded, messageOf } from './append-queue.ts'
import {
  createTopic,
  deleteTopics,
  findRemains,
  type KafkaCopyOptions,
  nameOfNote,
  settleTopics,
} from './copy-topics.ts'
import { type KafkaClient, openClient } from './kafka-client.ts'
import { type LifeNote, readLifeNote, writeLifeNote } from './life-note.ts'
import { SEND_BYTES } from './limits.ts'
import { type KafkaLogOptions, openKafkaLog, openProducer } from './open-kafka-log.ts'
import { readTopics } from './read-topics.ts'

export interface KafkaCopy {
  /** What is there now, for whoever compares it. */
  readonly log: EventLog
  /** Makes it, with partitions that begin where the original's do. */
  addTopic(name: string, options: TopicOptions, bounds: readonly PartitionBounds[]): Promise<void>
  /** Consecutive ones. Throws `LOG_COPY_APART` where one did not get the offset that it had. */
  append(name: string, partition: number, records: readonly LogRecord[]): Promise<void>
  /** All is there and was compared: topics get the settings that they keep. Not to be opened before `finishKafkaCopy`. */
  seal(): Promise<void>
  close(): Promise<void>
}

/** Throws `LOG_COPY_NOT_EMPTY` where there are topics already, and not of a copy of this log that was broken off. */
export async function requireNoLog(options: KafkaCopyOptions): Promise<void> {
  const client = await openClient(options, PARTS(options))
  try {
    await findRemains(client, options)
  } finally {
    await client.close()
  }
}

/** Begins; what was broken off is deleted. Throws what `requireNoLog` throws. */
export async function beginKafkaCopy(options: KafkaCopyOptions): Promise<KafkaCopy> {
  const { logger = silentLogger } = options
  const client = await openClient(options, PARTS(options))
  let producer: Producer | undefined
  try {
    const remains = await findRemains(client, options)
    const noteTopic = nameOfNote(options)
    const note: LifeNote = {
      ...{ state: 'copying', incarnation: options.incarnation, from: options.from },
      ...{ at: new Date().toISOString(), topics: {} },
    }
    if (!remains.includes(noteTopic)) await createTopic(client, options, noteTopic, 1)
    producer = await openProducer(options, logger)
    await writeLifeNote(producer, noteTopic, note)
    await deleteTopics(
      client,
      remains.filter((name) => name !== noteTopic),
    )
    const log = await openKafkaLog({ ...options, copyOf: options.incarnation })
    return copyInto({ options, client, producer, log, note })
  } catch (cause) {
    // Before it is closed: then it would tell of nothing else.
    const error = client.asLogError(cause)
    await producer?.disconnect()
    await client.close()
    throw error
  }
}

/** From now on it can be opened; again it changes nothing. Throws `LOG_COPY_UNKNOWN` where no whole copy of that log is. */
export async function finishKafkaCopy(
  options: KafkaLogOptions & Pick<KafkaCopyOptions, 'incarnation'>,
): Promise<void> {
  const client = await openClient(options, PARTS(options))
  try {
    const noteTopic = nameOfNote(options)
    const note = await readLifeNote(client, noteTopic)
    if (note?.incarnation !== options.incarnation || note.state === 'copying') throw unknownCopy(options)
    if (note.state === 'whole') return
    const producer = await openProducer(options, options.logger ?? silentLogger)
    await writeLifeNote(producer, noteTopic, { ...note, state: 'whole' }).finally(() => producer.disconnect())
  } catch (error) {
    throw client.asLogError(error)
  } finally {
    await client.close()
  }
}

interface CopyParts {
  options: KafkaCopyOptions
  client: KafkaClient
  producer: Producer
  log: EventLog
  note: LifeNote
}

function copyInto({ options, client, producer, log, note }: CopyParts): KafkaCopy {
  const { prefix = '' } = options
  const topics: LifeNote['topics'] = {}
  const settings = new Map<string, TopicOptions>()
  const send = async (name: string, partition: number, from: number, messages: Message[]) => {
    const sent = [{ topic: prefix + name, messages }]
    const answer = await producer.sendBatch({ acks: -1, topicMessages: sent }).catch((error) => {
      throw client.asLogError(error)
    })
    const landed = checkLanded(sent, answer).get(`${prefix}${name}/${partition}`)
    if (landed !== from) throw apart(`${prefix}${name}/${partition}`, from, landed)
  }
  const fill = async (name: string, partition: number, { first }: PartitionBounds) => {
    for (let at = 0; at < first; at += SEND_RECORDS)
      await send(name, partition, at, fillers(partition, Math.min(SEND_RECORDS, first - at)))
    await log.trim(name, partition, first)
  }
  return {
    log,
    addTopic: async (name, topicOptions, bounds) => {
      await createTopic(client, options, prefix + name, topicOptions.partitions)
      await log.ensureTopic(name, topicOptions)
      const facts = (await client.withAny((broker) => readTopics(broker, [prefix + name]))).get(prefix + name)
      topics[name] = { id: facts!.id, firsts: bounds.map(({ first }) => first) }
      settings.set(name, topicOptions)
      for (const [partition, one] of bounds.entries()) await fill(name, partition, one)
    },
    append: async (name, partition, records) => {
      for (const { from, messages } of inSends(records, partition))
        await send(name, partition, from, messages)
    },
    seal: async () => {
      await settleTopics(client, options, settings)
      await writeLifeNote(producer, nameOfNote(options), { ...note, state: 'copied', topics })
    },
    close: async () => {
      await Promise.all([log.close(), producer.disconnect()])
      await client.close()
    },
  }
}

const PARTS = ({ clock = systemClock, logger = silentLogger }: KafkaLogOptions) => ({ clock, logger })

/** Of one send: the time that kafkajs takes for a batch grows with its square from about 20,000 on. */
const SEND_RECORDS = 5_000

function fillers(partition: number, count: number): Message[] {
  return new Array<Message>(count).fill({ partition, value: null, timestamp: '0' })
}

/** As many as one send takes, at least one. */
function* inSends(records: readonly LogRecord[], partition: number) {
  let messages: Message[] = []
  let from = 0
  let bytes = 0
  for (const record of records) {
    const one = { ...record, partition }
    const more = bytesOf(one)
    if (messages.length === SEND_RECORDS || (messages.length > 0 && bytes + more > SEND_BYTES)) {
      yield { from, messages }
      messages = []
      bytes = 0
    }
    if (messages.length === 0) from = record.offset
    if (record.offset !== from + messages.length)
      throw apart(`partition ${partition}`, from + messages.length, record.offset)
    messages.push({ ...messageOf(one), timestamp: String(record.appendedAt) })
    bytes += more
  }
  if (messages.length > 0) yield { from, messages }
}

function unknownCopy({ brokers }: KafkaLogOptions): RevwallError {
  return new RevwallError(
    'LOG_COPY_UNKNOWN',
    `Kafka at ${brokers.join(', ')} has no whole copy of this log: are KAFKA_BROKERS and KAFKA_PREFIX those it was moved to?`,
  )
}

function apart(place: string, wanted: number, got: number | undefined): RevwallError {
  return new RevwallError(
    'LOG_COPY_APART',
    `${place}: the record of offset ${wanted} is at ${got}: somebody else writes there, or the original has a gap. End the ` +
      'others, then run revwall move again; it begins anew.',
  )
}
