/**
 * The log on Kafka, through kafkajs. Any number of handles and machines use it at the same time. An append is acknowledged
 * by all replicas in sync; how many must be lost before it is, the topic's `min.insync.replicas` says.
 */
import { Kafka, type Producer } from 'kafkajs'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { type Logger, silentLogger } from '../../runtime/logger.ts'
import type { EventLog } from '../event-log.ts'
import { connectionOptions, type KafkaLogin, openClient } from './kafka-client.ts'
import { createKafkaLog } from './kafka-log.ts'
import { DEFAULT_HEARTBEAT_MS, DEFAULT_SESSION_TIMEOUT_MS, SEND_RETRIES } from './limits.ts'
import { createOwnSockets } from './own-sockets.ts'

export const LIFE_TOPIC = 'orders'

export interface KafkaLogOptions extends KafkaLogin {
  /** Before the names of topics and groups, for several logs in one cluster. */
  prefix?: string
  /** Copies of each partition of topics that are made; by default three, or as many as there are brokers. */
  replication?: number
  /** The topic whose life is the log's: `incarnation` is known when it was ensured. */
  lifeTopic?: string
  /** For who copies a log: it is opened although it is not whole, as the log of this incarnation. */
  copyOf?: string
  clock?: Clock
  logger?: Logger
  /** A group's member that has not been heard of for this long loses its partitions. */
  sessionTimeoutMs?: number
  /** How soon a member hears of a rebalance. */
  heartbeatMs?: number
}

/**
 * Errors: `LOG_UNREACHABLE` when no broker answers, `LOG_REFUSED` when the login is wrong, `LOG_MOVE_UNFINISHED` when a log is
 * being copied there.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  const { clock = systemClock, logger = silentLogger } = options
  const client = await openClient(options, { clock, logger })
  const opening = createKafkaLog({
    client,
    openProducer: () => openProducer(options, logger),
    clock,
    logger,
    prefix: options.prefix ?? '',
    replication: options.replication,
    lifeTopic: options.lifeTopic ?? LIFE_TOPIC,
    copyOf: options.copyOf,
    sessionTimeoutMs: options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
    heartbeatMs: options.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
  })
  return opening.catch(async (error) => {
    await client.close()
    throw error
  })
}

/** Idempotent, so that a send that is repeated inside kafkajs is there once. */
export async function openProducer(login: KafkaLogin, logger: Logger): Promise<Producer> {
  const options = connectionOptions(login, logger)
  const sockets = createOwnSockets()
  const producer = new Kafka({ ...options, socketFactory: sockets.factory }).producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    retry: { ...options.retry, retries: SEND_RETRIES },
    // Every record says which one.
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition!,
  })
  // kafkajs leaves open what it opened when it is connected and is given no number, and may connect again behind an end: a
  // broker that came back would keep this process alive for ever.
  const disconnect = () => producer.disconnect().finally(() => sockets.destroyAll())
  await producer.connect().catch(async (error) => {
    await disconnect().catch(() => {})
    throw error
  })
  return { ...producer, disconnect }
}
