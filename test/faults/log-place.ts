/** Where a world's log is: something that can be told to another process. */
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { openKafkaLog } from '../../core/log/kafka/open-kafka-log.ts'

export type LogPlace = { folder: string } | { broker: string; prefix: string }

/** How soon a member of a group on Kafka hears of a rebalance. */
const HEARTBEAT_MS = 50

export function openLogAt(place: LogPlace, sessionTimeoutMs?: number): Promise<EventLog> {
  const session = sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }
  if ('folder' in place) return openEmbeddedLog({ folder: place.folder, ...session })
  const { broker, prefix } = place
  const login = { brokers: [broker], ssl: false, sasl: undefined }
  return openKafkaLog({ ...login, prefix, heartbeatMs: HEARTBEAT_MS, ...session })
}
