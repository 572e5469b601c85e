/** What the log has for an endpoint, from where it was. */
import { type MessageState, type Position, readPositions } from '../../clickhouse/queries/delivery-state.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { DeliveredTopic } from '../../core/contracts/deliveries.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { Endpoint } from './endpoint-file.ts'
import { type OutgoingEvent, readEvent } from './read-event.ts'

export interface TakenEvent {
  event: OutgoingEvent
  topic: DeliveredTopic
  partition: number
  offset: number
}

export interface EventTaker {
  /** At most so many; what it passes over is not for this endpoint. */
  take(most: number): Promise<TakenEvent[]>
  /** Where it is, of partitions that moved since the last call. */
  moved(): Position[]
  /** Until there may be more, or the time is over. */
  wait(timeoutMs: number, signal: AbortSignal): Promise<void>
}

const READ_LIMITS = { maxRecords: 500, maxBytes: 2 * 2 ** 20 }

export async function openTaker(options: {
  warehouse: Warehouse
  log: EventLog
  logger: Logger
  endpoint: Endpoint
}): Promise<EventTaker> {
  const { warehouse, log, logger, endpoint } = options
  const { tenant, id, topics } = endpoint
  const createdMs = Date.parse(endpoint.createdAt)
  const key = { tenant, endpoint: id }
  const stored = await readPositions(warehouse, key, log.incarnation)
  const places = new Map(stored.map((position) => [placeOf(position), position]))
  let moved = new Set<Position>()

  async function placeIn(topic: DeliveredTopic, partition: number): Promise<Position> {
    const known = places.get(placeOf({ topic, partition }))
    if (known !== undefined) return known
    const { first } = await log.bounds(topic, partition)
    const place = { topic, partition, next: first }
    places.set(placeOf(place), place)
    return place
  }

  async function read(place: Position): Promise<LogRecord[]> {
    try {
      return await log.read(place.topic, place.partition, place.next, READ_LIMITS)
    } catch (error) {
      if (errorCode(error) !== 'LOG_TRIMMED') throw error
      const { first } = await log.bounds(place.topic, place.partition)
      logger.warn('the log has trimmed events that were not delivered', {
        ...{ endpoint: id, topic: place.topic, partition: place.partition, from: place.next, to: first },
      })
      place.next = first
      return []
    }
  }

  async function takeFrom(topic: DeliveredTopic, partition: number, most: number): Promise<TakenEvent[]> {
    const place = await placeIn(topic, partition)
    const taken: TakenEvent[] = []
    for (const record of await read(place)) {
      if (taken.length === most) break
      place.next = record.offset + 1
      moved.add(place)
      if (record.appendedAt < createdMs || !record.key.startsWith(`${tenant}/`)) continue
      const event = readEvent(topic, record)
      if (event === undefined)
        logger.warn('a record is no event of its topic', { topic, partition, offset: record.offset })
      else if (event.tenant === tenant) taken.push({ event, topic, partition, offset: record.offset })
    }
    return taken
  }

  return {
    async take(most) {
      const taken: TakenEvent[] = []
      for (const topic of topics)
        for (let partition = 0; partition < log.partitions(topic) && taken.length < most; partition++)
          taken.push(...(await takeFrom(topic, partition, most - taken.length)))
      return taken
    },
    moved() {
      const all = [...moved]
      moved = new Set()
      return all
    },
    async wait(timeoutMs, signal) {
      const ending = new AbortController()
      const until = AbortSignal.any([signal, ending.signal])
      const waits = topics.map((topic) => {
        const after = [...places.values()].filter((place) => place.topic === topic)
        const next = new Map(after.map((place) => [place.partition, place.next]))
        return log.waitForRecords(topic, next, timeoutMs, until)
      })
      try {
        await Promise.race(waits)
      } finally {
        ending.abort()
        await Promise.allSettled(waits)
      }
    },
  }
}

/** One that was taken before. Undefined where the log trimmed it, or is another one. */
export async function findEvent(
  log: EventLog,
  {
    topic,
    partition,
    offset,
    incarnation,
  }: Pick<MessageState, 'topic' | 'partition' | 'offset' | 'incarnation'>,
): Promise<OutgoingEvent | undefined> {
  if (incarnation !== log.incarnation || partition >= log.partitions(topic)) return undefined
  try {
    const [record] = await log.read(topic, partition, offset, { maxRecords: 1, maxBytes: 1 })
    return record?.offset === offset ? readEvent(topic as DeliveredTopic, record) : undefined
  } catch (error) {
    if (errorCode(error) === 'LOG_TRIMMED') return undefined
    throw error
  }
}

const placeOf = ({ topic, partition }: Pick<Position, 'topic' | 'partition'>) => `${topic}/${partition}`
