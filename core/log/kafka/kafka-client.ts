/** The connection to a cluster: who to ask for what, with what fails in passing tried again. */
import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import Cluster, { type Broker } from 'kafkajs/src/cluster/index.js'
import loggers from 'kafkajs/src/loggers/index.js'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../runtime/logger.ts'
import { asLogError, isPassing, logClosed } from './kafka-errors.ts'
import {
  CONNECTION_TIMEOUT_MS,
  FIRST_RETRY_MS,
  LONGEST_RETRY_MS,
  MAX_ATTEMPTS,
  REQUEST_TIMEOUT_MS,
} from './limits.ts'
import { createOwnSockets } from './own-sockets.ts'

export interface KafkaLogin {
  /** `host:port` each; any of them tells of the others. */
  brokers: readonly string[]
  /** True: by the certificates that Node trusts. */
  ssl: boolean | ConnectionOptions
  sasl: SASLOptions | undefined
}

export interface KafkaClient {
  readonly clusterId: string
  readonly brokerCount: number
  /** Asks any broker, the leader of a partition, the coordinator of a group; again when that fails in passing. */
  withAny<T>(ask: (broker: Broker) => Promise<T>): Promise<T>
  withLeader<T>(topic: string, partition: number, ask: (broker: Broker) => Promise<T>): Promise<T>
  withCoordinator<T>(group: string, ask: (broker: Broker) => Promise<T>): Promise<T>
  /** Does the work again while it fails in passing. Errors: `LOG_UNREACHABLE`, `LOG_REFUSED`, `LOG_IO`, `LOG_CLOSED`. */
  again<T>(work: () => Promise<T>): Promise<T>
  leaderOf(topic: string, partition: number): number | undefined
  /** From now on its leaders are known. */
  watchTopic(topic: string): Promise<void>
  /** Who leads what is asked anew; does nothing when that fails, whoever needs it finds out. */
  refresh(): Promise<void>
  /** Connections that nobody shares, for requests that the broker holds back: it answers a connection in order. */
  connectTo(nodeId: number): Promise<Broker>
  connectToCoordinator(group: string): Promise<Broker>
  /** At once, whatever is held back; nothing more is asked. */
  cut(broker: Broker): void
  asLogError(error: unknown): unknown
  isClosed(): boolean
  close(): Promise<void>
}

export interface ClientParts {
  clock: Clock
  logger: Logger
}

/** Options that kafkajs's own clients take, too. */
export function connectionOptions({ brokers, ssl, sasl }: KafkaLogin, logger: Logger) {
  return {
    clientId: 'revwall',
    brokers: [...brokers],
    ssl,
    sasl,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: MAX_ATTEMPTS - 1, initialRetryTime: FIRST_RETRY_MS, maxRetryTime: LONGEST_RETRY_MS },
    logLevel: KAFKAJS_WARN,
    // It tells each attempt that fails; whoever asked in vain is told, once.
    logCreator: () => (entry: { log: { message: string } }) => logger.debug(`kafkajs: ${entry.log.message}`),
  }
}

const KAFKAJS_WARN = 2

/** Throws `LOG_UNREACHABLE`, `LOG_REFUSED`. */
export async function openClient(login: KafkaLogin, { clock, logger }: ClientParts): Promise<KafkaClient> {
  const options = connectionOptions(login, logger)
  const sockets = createOwnSockets()
  const cluster = new Cluster({
    ...options,
    logger: loggers.createLogger({ level: options.logLevel, logCreator: options.logCreator }),
    socketFactory: sockets.factory,
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
  })
  /** By group; forgotten when it does not answer as such. */
  const coordinators = new Map<string, number>()
  let isClosed = false
  const asError = (error: unknown) => (isClosed ? logClosed() : asLogError(error, login.brokers))
  const refresh = async () => {
    // Whoever needs what is not there is told so by the next attempt.
    await cluster
      .connect()
      .then(() => cluster.refreshMetadata())
      .catch(() => {})
  }
  const again = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      if (isClosed) throw logClosed()
      try {
        return await work()
      } catch (error) {
        if (isClosed || attempt === MAX_ATTEMPTS || !isPassing(error)) throw asError(error)
        await clock.sleep(Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS))
        await refresh()
      }
    }
  }
  const leaderOf = (topic: string, partition: number) =>
    cluster.brokerPool.metadata === null
      ? undefined
      : cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition)?.leader
  const askCoordinator = async <T>(group: string, ask: (broker: Broker) => Promise<T>) => {
    const nodeId = coordinators.get(group)
    const broker = await (nodeId === undefined
      ? cluster.findGroupCoordinator({ groupId: group })
      : cluster.findBroker({ nodeId }))
    coordinators.set(group, broker.nodeId)
    try {
      return await ask(broker)
    } catch (error) {
      coordinators.delete(group)
      throw error
    }
  }
  const connectTo = async (nodeId: number) => {
    const shared = await cluster.findBroker({ nodeId })
    const { host, port, rack } = shared.connectionPool
    const connectionPool = await cluster.connectionPoolBuilder.build({ host, port, rack })
    const parts = { logger: cluster.rootLogger, versions: shared.versions, connectionPool, nodeId }
    const broker = cluster.brokerPool.createBroker(parts)
    await broker.connect()
    return broker
  }

  try {
    await cluster.connect()
    await cluster.refreshMetadata()
  } catch (error) {
    await cluster.disconnect().catch(() => {}) // It was not connected.
    throw asError(error)
  }
  const { clusterId } = cluster.brokerPool.metadata!

  return {
    clusterId,
    get brokerCount() {
      return cluster.brokerPool.metadata?.brokers.length ?? 1
    },
    withAny: (ask) => again(async () => ask(await cluster.brokerPool.findConnectedBroker())),
    withLeader: (topic, partition, ask) =>
      again(async () => ask(await cluster.findBroker({ nodeId: leaderOf(topic, partition) ?? -1 }))),
    withCoordinator: (group, ask) => again(() => askCoordinator(group, ask)),
    again,
    leaderOf,
    watchTopic: (topic) => again(() => cluster.addMultipleTargetTopics([topic])),
    refresh,
    connectTo,
    connectToCoordinator: async (group) =>
      connectTo((await cluster.findGroupCoordinator({ groupId: group })).nodeId),
    cut,
    asLogError: asError,
    isClosed: () => isClosed,
    close: async () => {
      isClosed = true
      await cluster.disconnect()
      sockets.destroyAll()
    },
  }
}

/** `disconnect` would wait for what the broker holds back. */
function cut(broker: Broker): void {
  for (const { socket } of broker.connectionPool.pool) socket?.destroy(new Error('closed by us'))
}
