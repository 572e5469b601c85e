/**
 * Those who wait for records. The broker holds a fetch back until there is something; it answers the requests of a
 * connection in order, so waits have connections of their own, a few for each broker, each with all places that no other
 * one covers. What comes is kept for the read that follows.
 */
import type { Broker } from 'kafkajs/src/cluster/index.js'
import type { Clock } from '../../runtime/clock.ts'
import { errorMessage, RevwallError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import { type Fetched, fetchRecords } from './fetch-records.ts'
import type { KafkaClient } from './kafka-client.ts'
import { MAX_POLLS_PER_BROKER, MAX_WAITERS, POLL_MS, POLL_PARTITION_BYTES } from './limits.ts'
import type { ReadAhead } from './read-ahead.ts'
import { OUT_OF_RANGE, readBounds } from './read-records.ts'

export interface RecordWaiters {
  wait(
    topic: string,
    after: ReadonlyMap<number, number>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean>
  /** Everyone still waiting gets false. */
  close(): void
}

export interface WaiterParts {
  client: KafkaClient
  clock: Clock
  logger: Logger
  readAhead: ReadAhead
}

interface Waiter {
  topic: string
  /** By partition; goes on over what holds no record. */
  offsets: Map<number, number>
  settle(result: boolean): void
}

interface Place {
  topic: string
  partition: number
  offset: number
}

/** After what failed: the broker may be restarting. */
const BACK_OFF_MS = 250

export function createRecordWaiters(parts: WaiterParts): RecordWaiters {
  const { client, clock, logger, readAhead } = parts
  const waiters = new Set<Waiter>()
  /** Places that a poll under way covers. */
  const covered = new Set<string>()
  const polls = new Map<number, number>()
  const idle = new Map<number, Broker[]>()
  const connections = new Set<Broker>()
  let isFailing = false

  /** Of each partition one place, the lowest: the others have their turn when that one was served. */
  const uncovered = (nodeId: number): Place[] => {
    const places = new Map<string, Place>()
    for (const { topic, offsets } of waiters)
      for (const [partition, offset] of offsets) {
        if (covered.has(keyOf({ topic, partition, offset }))) continue
        if ((client.leaderOf(topic, partition) ?? nodeId) !== nodeId) continue
        const name = `${topic}/${partition}`
        if (offset < (places.get(name)?.offset ?? Number.POSITIVE_INFINITY))
          places.set(name, { topic, partition, offset })
      }
    return [...places.values()]
  }

  const pollOn = async (nodeId: number) => {
    polls.set(nodeId, (polls.get(nodeId) ?? 0) + 1)
    let broker: Broker | undefined
    try {
      for (let places = uncovered(nodeId); places.length > 0; places = uncovered(nodeId)) {
        for (const place of places) covered.add(keyOf(place))
        try {
          broker ??= idle.get(nodeId)?.pop() ?? (await open(nodeId))
          await take(await fetchRecords(broker, places, POLL))
          isFailing = false
        } catch (error) {
          if (broker) drop(broker)
          broker = undefined
          await backOff(error)
        } finally {
          for (const place of places) covered.delete(keyOf(place))
        }
        if (client.isClosed()) return
      }
    } finally {
      polls.set(nodeId, polls.get(nodeId)! - 1)
      if (broker) keep(nodeId, broker)
    }
  }

  const open = async (nodeId: number) => {
    const broker = await client.connectTo(nodeId)
    connections.add(broker)
    return broker
  }
  const keep = (nodeId: number, broker: Broker) => {
    if (client.isClosed()) return drop(broker)
    idle.set(nodeId, [...(idle.get(nodeId) ?? []), broker])
  }
  const drop = (broker: Broker) => {
    connections.delete(broker)
    client.cut(broker)
  }

  /** Said once for each time that it does not work. */
  const backOff = async (error: unknown) => {
    if (client.isClosed()) return
    if (!isFailing)
      logger.warn('Kafka cannot be listened to; it is tried again', { why: errorMessage(error) })
    isFailing = true
    await clock.sleep(BACK_OFF_MS)
    await client.refresh()
  }

  const take = async (all: readonly Fetched[]) => {
    for (const fetched of all) {
      if (fetched.error?.type === OUT_OF_RANGE) await takeOutOfRange(fetched)
      else if (fetched.error) throw fetched.error
      else if (fetched.records.length > 0) takeRecords(fetched)
      else if (fetched.next > fetched.offset) moveOn(fetched)
    }
  }
  const takeRecords = (fetched: Fetched) => {
    const { topic, partition, offset, records } = fetched
    readAhead.put(topic, partition, offset, fetched)
    const last = records.at(-1)!.offset
    for (const waiter of at(fetched)) if (waiter.offsets.get(partition)! <= last) waiter.settle(true)
  }
  /** A marker of a transaction, or what it took back: nothing to wake anybody for. */
  const moveOn = ({ topic, partition, offset, next }: Fetched) => {
    for (const { offsets } of at({ topic, partition }))
      if (offsets.get(partition)! >= offset && offsets.get(partition)! < next) offsets.set(partition, next)
  }
  /** Trimmed: the read will say so. Beyond the end: it may come to be. */
  const takeOutOfRange = async ({ topic, partition, offset }: Fetched) => {
    const { first } = await readBounds(client, { topic, partition })
    if (offset >= first) return clock.sleep(BACK_OFF_MS)
    for (const waiter of at({ topic, partition }))
      if (waiter.offsets.get(partition)! < first) waiter.settle(true)
  }
  const at = ({ topic, partition }: { topic: string; partition: number }) =>
    [...waiters].filter((waiter) => waiter.topic === topic && waiter.offsets.has(partition))

  /** One more poll at each broker that leads something nobody covers, if there may be one more. */
  const pollFor = ({ topic, offsets }: Waiter) => {
    const leaders = new Set([...offsets.keys()].map((partition) => client.leaderOf(topic, partition)))
    for (const nodeId of leaders) {
      if (nodeId === undefined || (polls.get(nodeId) ?? 0) >= MAX_POLLS_PER_BROKER) continue
      if (uncovered(nodeId).length > 0) void pollOn(nodeId)
    }
  }

  const wait: RecordWaiters['wait'] = async (topic, after, timeoutMs, signal) => {
    for (const [partition, offset] of after) if (readAhead.has(topic, partition, offset)) return true
    if (timeoutMs <= 0 || signal?.aborted || client.isClosed()) return false
    if (waiters.size >= MAX_WAITERS) throw tooManyWaiters()
    const timeout = new AbortController()
    const wake = () => timeout.abort()
    signal?.addEventListener('abort', wake)
    let waiter: Waiter | undefined
    try {
      return await new Promise<boolean>((resolve) => {
        waiter = { topic, offsets: new Map(after), settle: resolve }
        waiters.add(waiter)
        pollFor(waiter)
        void clock.sleep(timeoutMs, timeout.signal).then(() => resolve(false))
      })
    } finally {
      if (waiter) waiters.delete(waiter)
      signal?.removeEventListener('abort', wake)
      timeout.abort()
    }
  }
  return {
    wait,
    close: () => {
      for (const waiter of [...waiters]) waiter.settle(false)
      for (const broker of [...connections]) drop(broker)
    },
  }
}

const POLL = { partitionBytes: POLL_PARTITION_BYTES, maxBytes: 4 * POLL_PARTITION_BYTES, waitMs: POLL_MS }

function keyOf({ topic, partition, offset }: Place): string {
  return `${topic}/${partition}/${offset}`
}

function tooManyWaiters(): RevwallError {
  return new RevwallError('LOG_TOO_MANY_WAITERS', `${MAX_WAITERS} callers wait for records already.`)
}
