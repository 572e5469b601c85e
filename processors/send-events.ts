/** Events as JSON on a topic, each in its key's partition. */
import type { TopicName } from '../core/contracts/topics.ts'
import { type EventLog, partitionOf } from '../core/log/event-log.ts'

export interface KeyedEvent {
  key: string
  value: unknown
}

/** All of them in one durable step. */
export async function sendEvents(
  log: EventLog,
  topic: TopicName,
  events: readonly KeyedEvent[],
): Promise<void> {
  if (events.length === 0) return
  const partitions = log.partitions(topic)
  await log.append(
    topic,
    events.map(({ key, value }) => ({
      partition: partitionOf(key, partitions),
      key,
      value: Buffer.from(JSON.stringify(value)),
      contentType: 'application/json' as const,
    })),
  )
}
