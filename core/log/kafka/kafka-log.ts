import type { Producer } from 'kafkajs'
import type { Clock } from '../../runtime/clock.ts'
import { errorCode, RevwallError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { EventLog, NewRecord, ReadLimits } from '../event-log.ts'
import { packRead } from '../packed-records.ts'
import { bytesOf, createAppendQueue } from './append-queue.ts'
import { createGroups } from './groups.ts'
import type { KafkaClient } from './kafka-client.ts'
import { logClosed } from './kafka-errors.ts'
import { lifeNoteTopic, readLifeNote, requireWhole } from './life-note.ts'
import { LOOK_INTERVAL_MS, MAX_APPEND_BYTES, MAX_APPEND_RECORDS, MAX_RECORD_BYTES } from './limits.ts'
import { createReadAhead } from './read-ahead.ts'
import { listOffset, readBounds, readRecords, trimmed } from './read-records.ts'
import { createRecordWaiters } from './record-waiters.ts'
import { createTopics, type Topic } from './topics.ts'

export interface KafkaLogParts {
  client: KafkaClient
  openProducer(): Promise<Producer>
  clock: Clock
  logger: Logger
  /** Before the names of topics and groups. */
  prefix: string
  replication: number | undefined
  /** The topic whose life is the log's. */
  lifeTopic: string
  /** Of a log whose copy is not whole yet, for who makes it: the incarnation that it will go on with. */
  copyOf: string | undefined
  sessionTimeoutMs: number
  heartbeatMs: number
}

/** The methods in terms of the parts. */
export async function createKafkaLog(parts: KafkaLogParts): Promise<EventLog> {
  const { client, clock, logger, prefix, lifeTopic, copyOf } = parts
  const noteTopic = lifeNoteTopic(prefix, lifeTopic)
  const note = await readLifeNote(client, noteTopic)
  if (copyOf === undefined) requireWhole(note, noteTopic)
  const topics = createTopics(parts)
  const look = async () => {
    if (await topics.look()) queue.renewProducer()
  }
  const readAhead = createReadAhead()
  const waiters = createRecordWaiters({ client, clock, logger, readAhead })
  const groups = createGroups({ ...parts, look })
  const queue = createAppendQueue({ ...parts, asLogError: client.asLogError })
  // Where it is there already, the incarnation is known from the start.
  await topics.find(lifeTopic).catch((error) => {
    if (errorCode(error) !== 'LOG_UNKNOWN_TOPIC') throw error
  })
  // A broker that is away is told by whoever needs it.
  const looking = setInterval(() => look().catch(() => {}), LOOK_INTERVAL_MS).unref()
  let isClosing = false
  let closed: Promise<void> | undefined

  const requireOpen = () => {
    if (isClosing) throw logClosed()
  }
  const find = async (name: string, partition: number) => {
    requireOpen()
    const topic = await topics.find(name)
    checkPartition(topic, partition)
    return { topic: topic.kafkaName, partition }
  }
  const groupOf = (group: string) => prefix + group
  /** What a copied topic's original had; one that was made anew since is no copy. */
  const copied = (name: string) => {
    const told = note?.topics[name]
    return told?.id === topics.known(name).id ? told : undefined
  }
  const floorOf = (name: string, partition: number) => copied(name)?.firsts[partition] ?? 0

  /** Offsets of a topic that was made anew mean other records: whoever reads on would skip some. */
  const checkLife = async () => {
    const { id } = topics.known(lifeTopic)
    if ((await topics.idNow(lifeTopic)) !== id) throw otherLife(prefix + lifeTopic)
  }
  const trim = async (place: { topic: string; partition: number }, offset: number) => {
    const { first, next } = await readBounds(client, place)
    const to = Math.min(offset, next)
    if (to <= first) return
    const partitions = [{ partition: place.partition, offset: String(to) }]
    await client.withLeader(place.topic, place.partition, (broker) =>
      broker.deleteRecords({ topics: [{ topic: place.topic, partitions }] }),
    )
    readAhead.clear()
  }
  const readFrom = async (name: string, partition: number, offset: number, limits: ReadLimits) => {
    const place = await find(name, partition)
    const floor = floorOf(name, partition)
    if (offset < floor) throw trimmed(place.topic, partition, offset, floor)
    return readRecords({ client, readAhead, checkLife }, place, offset, limits)
  }
  const shutDown = async () => {
    isClosing = true
    clearInterval(looking)
    waiters.close()
    await Promise.all([queue.close(), groups.close()])
    await client.close()
    waiters.close()
  }

  return {
    get incarnation() {
      const own = `${client.clusterId}/${topics.known(lifeTopic).id}`
      return copyOf ?? (copied(lifeTopic) && note?.incarnation) ?? own
    },
    ensureTopic: async (name, options) => {
      requireOpen()
      await topics.ensure(name, options)
    },
    partitions: (name) => topics.known(name).partitions,
    growTopic: async (name, partitions) => {
      requireOpen()
      await topics.grow(name, partitions)
      queue.renewProducer()
    },
    append: async (name, records) => {
      requireOpen()
      // Without a turn in between where the topic is known: what is given before `close` is written.
      const topic = topics.has(name) ? topics.known(name) : await topics.find(name)
      requireOpen()
      if (records.length === 0) return []
      checkRecords(topic, records)
      return queue.add(topic.kafkaName, records)
    },
    read: readFrom,
    readPacked: async (name, partition, offset, limits) =>
      packRead(await readFrom(name, partition, offset, limits), limits),
    bounds: async (name, partition) => {
      const { first, next } = await readBounds(client, await find(name, partition))
      return { first: Math.max(first, floorOf(name, partition)), next }
    },
    waitForRecords: async (name, after, timeoutMs, signal) => {
      if (isClosing) return false
      const topic = await topics.find(name)
      for (const partition of after.keys()) checkPartition(topic, partition)
      return waiters.wait(topic.kafkaName, after, timeoutMs, signal)
    },
    join: async (group, name, handlers) => {
      requireOpen()
      return groups.join({ group: groupOf(group), topic: await topics.find(name), handlers })
    },
    commit: async (group, name, partition, offset) =>
      groups.commit({ group: groupOf(group), ...(await find(name, partition)) }, offset),
    committed: async (group, name, partition) =>
      groups.committed({ group: groupOf(group), ...(await find(name, partition)) }),
    trim: async (name, partition, offset) => trim(await find(name, partition), offset),
    trimByAge: async (now) => {
      requireOpen()
      for (const { kafkaName, partitions, retentionMs } of topics.all()) {
        if (!Number.isFinite(retentionMs)) continue
        for (let partition = 0; partition < partitions; partition++) {
          const place = { topic: kafkaName, partition }
          const offset = await listOffset(client, place, Math.max(0, now - retentionMs))
          await trim(place, offset < 0 ? Number.POSITIVE_INFINITY : offset)
        }
      }
    },
    close: () => {
      closed ??= shutDown()
      return closed
    },
  }
}

function checkPartition(topic: Topic, partition: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < topic.partitions) return
  const message = `Topic ${topic.name} has partitions 0 to ${topic.partitions - 1}, not ${partition}.`
  throw new RevwallError('LOG_UNKNOWN_PARTITION', message)
}

/** Before anything is sent: what can be refused is refused whole. */
function checkRecords(topic: Topic, records: readonly NewRecord[]): void {
  if (records.length > MAX_APPEND_RECORDS)
    throw tooManyAtOnce(`${records.length} records`, MAX_APPEND_RECORDS)
  let bytes = 0
  for (const record of records) {
    checkPartition(topic, record.partition)
    const size = bytesOf(record)
    if (size > MAX_RECORD_BYTES) throw tooLarge(topic, record, size)
    bytes += size
  }
  if (bytes > MAX_APPEND_BYTES) throw tooManyAtOnce(`${bytes} bytes`, MAX_APPEND_BYTES)
}

function tooLarge({ name }: Topic, { key }: NewRecord, bytes: number): RevwallError {
  const message = `A record of topic ${name} (key ${key.slice(0, 80)}) has ${bytes} bytes; a record may have ${MAX_RECORD_BYTES}.`
  return new RevwallError('LOG_RECORD_TOO_LARGE', message)
}

function tooManyAtOnce(what: string, maximum: number): RevwallError {
  return new RevwallError('LOG_APPEND_TOO_LARGE', `One append of ${what} is above ${maximum}: divide it.`)
}

function otherLife(topic: string): RevwallError {
  const message = `Topic ${topic} was deleted and made anew while it was read; offsets of two lives do not mix. Start again.`
  return new RevwallError('LOG_INCARNATION', message)
}
