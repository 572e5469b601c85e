/** What stands in the log, parsed by the contract, for tests. */

import { type DeadLetter, deadLetter } from '../../../../core/contracts/dead-letters.ts'
import { decodeOrdersEvent } from '../../../../core/contracts/decode-event.ts'
import { type OrdersTopicEvent, parseOrdersTopicEvent } from '../../../../core/contracts/events.ts'
import { type SourceHealth, sourceHealth } from '../../../../core/contracts/facts.ts'
import type { OrderEvent } from '../../../../core/contracts/order.ts'
import { TOPICS, type TopicName } from '../../../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../../../core/log/event-log.ts'

export async function openTestLog(folder: string): Promise<EventLog> {
  const log = await openEmbeddedLog({ folder })
  for (const topic of ['orders', 'dead-letters', 'source-health'] as const)
    await log.ensureTopic(topic, TOPICS[topic])
  return log
}

/** The events of each partition of `orders`, in their order. */
export async function readOrders(log: EventLog): Promise<OrdersTopicEvent[][]> {
  const partitions = Array.from({ length: log.partitions('orders') }, (_, index) => index)
  return Promise.all(
    partitions.map(async (p) => (await readJson(log, 'orders', p)).map(parseOrdersTopicEvent)),
  )
}

export async function readHealth(log: EventLog): Promise<SourceHealth[]> {
  return (await readJson(log, 'source-health', 0)).map((raw) => sourceHealth.parse(raw))
}

export async function readDeadLetters(log: EventLog): Promise<DeadLetter[]> {
  return (await readJson(log, 'dead-letters', 0)).map((raw) => deadLetter.parse(raw))
}

/** The newest snapshot of each order, and how many came that were not newer. */
export function foldOrders(events: Iterable<OrdersTopicEvent>): {
  orders: Map<string, OrderEvent>
  repeated: number
} {
  const orders = new Map<string, OrderEvent>()
  let repeated = 0
  for (const event of events) {
    if (event.type !== 'order') continue
    const known = orders.get(event.orderId)
    if (known !== undefined && known.version >= event.version) repeated += 1
    else orders.set(event.orderId, event)
  }
  return { orders, repeated }
}

async function readJson(log: EventLog, topic: TopicName, partition: number): Promise<unknown[]> {
  const found: unknown[] = []
  const { first, next } = await log.bounds(topic, partition)
  for (let at = first; at < next; ) {
    const records = await log.read(topic, partition, at, { maxRecords: 5_000, maxBytes: 8_000_000 })
    for (const record of records) found.push(decodeOrdersEvent(record))
    at = (records.at(-1)?.offset ?? next) + 1
  }
  return found
}
