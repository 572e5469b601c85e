/**
 * The log that a test runs on: embedded in a folder, or, with REVWALL_TEST_LOG=kafka, topics of that folder's own on a
 * broker that all tests of this process share. The broker ends with the process.
 */
import { createHash } from 'node:crypto'
import { silentLogger } from '../../runtime/logger.ts'
import { openEmbeddedLog } from '../embedded/open-embedded-log.ts'
import type { EventLog } from '../event-log.ts'
import { openKafkaLog } from '../kafka/open-kafka-log.ts'
import { startTestBroker, type TestBroker } from '../kafka/testing/test-broker.ts'

export const IS_TEST_LOG_ON_KAFKA = process.env.REVWALL_TEST_LOG === 'kafka'

/** How soon a member of a group on Kafka hears of a rebalance. */
const HEARTBEAT_MS = 50

let broker: Promise<TestBroker> | undefined

/** Opened again with the same folder it is the same log. */
export async function openTestLog(folder: string): Promise<EventLog> {
  if (!IS_TEST_LOG_ON_KAFKA) return openEmbeddedLog({ folder, logger: silentLogger })
  broker ??= startTestBroker()
  const { address } = await broker
  const prefix = `${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.`
  const login = { brokers: [address], ssl: false, sasl: undefined }
  return openKafkaLog({ ...login, prefix, heartbeatMs: HEARTBEAT_MS })
}
