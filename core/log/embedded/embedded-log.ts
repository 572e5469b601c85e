import type { Clock } from '../../runtime/clock.ts'
import { errorMessage } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { EventLog } from '../event-log.ts'
import { createAppendQueue } from './append-queue.ts'
import { getCommit, putCommit } from './group-rows.ts'
import { createGroups } from './groups.ts'
import { partitionKey } from './keys.ts'
import { createSizes } from './measure-sizes.ts'
import { checkPartition, packRecords } from './pack-records.ts'
import { readPacked } from './read-packed.ts'
import { readRecords } from './read-records.ts'
import { createRecordWaiters } from './record-waiters.ts'
import { keepReserve } from './reserve.ts'
import { readBounds, type Store } from './store.ts'
import { openTopics, type Topic } from './topics.ts'
import { trimOlder, trimRecords } from './trim-records.ts'
import { openWake } from './wake.ts'

export interface EmbeddedLogParts {
  clock: Clock
  logger: Logger
  pollIntervalMs: number
  readerCheckIntervalMs: number
  sessionTimeoutMs: number
}

/** The methods in terms of the parts; an `async` one turns what a part throws into a rejection. */
export function createEmbeddedLog(store: Store, incarnation: string, parts: EmbeddedLogParts): EventLog {
  const { clock, logger } = parts
  const topics = openTopics(store)
  const waiters = createRecordWaiters(clock, parts.pollIntervalMs)
  const wake = openWake(
    store.folder,
    (kind) => (kind === 'records' ? waiters.check() : groups.check()),
    logger,
  )
  const groups = createGroups({ store, ...parts, onChanged: () => wake.touch('groups') })
  const queue = createAppendQueue(store, () => {
    wake.touch('records')
    waiters.check()
  })
  const readerCheck = startReaderCheck(store, parts)
  keepReserve(store.folder, logger)

  const partitionOfTopic = (name: string, partition: number): Topic => {
    const topic = topics.find(name)
    checkPartition(topic, partition)
    return topic
  }
  const bounds = (topic: Topic, partition: number) =>
    store.snapshot(() => readBounds(store, partitionKey(topic.id, partition)))

  /** What was given to `append` is written, groups are left while the others can still be told. */
  const shutDown = async () => {
    queue.flush()
    await groups.close()
    clearInterval(readerCheck)
    waiters.close()
    wake.close()
    await store.close()
  }
  let closed: Promise<void> | undefined

  return {
    incarnation,
    sizes: createSizes({ store, find: partitionOfTopic }),
    ensureTopic: async (name, options) => topics.ensure(name, options),
    partitions: (name) => topics.find(name).partitions,
    growTopic: async (name, partitions) => {
      topics.grow(name, partitions)
      wake.touch('groups')
      groups.check()
    },
    append: async (name, records) => {
      const topic = topics.find(name)
      if (records.length === 0) return []
      return queue.add(topic.id, packRecords(topic, records, clock.now()))
    },
    read: async (name, partition, offset, limits) =>
      readRecords(store, { topic: partitionOfTopic(name, partition), partition, offset }, limits),
    readPacked: async (name, partition, offset, limits) =>
      readPacked(store, { topic: partitionOfTopic(name, partition), partition, offset }, limits),
    bounds: async (name, partition) => bounds(partitionOfTopic(name, partition), partition),
    waitForRecords: async (name, after, timeoutMs, signal) => {
      const heads = [...after].map(([partition, offset]) => {
        return { key: partitionKey(partitionOfTopic(name, partition).id, partition), offset }
      })
      const isReady = () =>
        store.snapshot(() => heads.some(({ key, offset }) => readBounds(store, key).next > offset))
      return waiters.wait(isReady, timeoutMs, signal)
    },
    join: async (group, name, handlers) => groups.join({ group, topic: topics.find(name) }, handlers),
    commit: async (group, name, partition, offset) => {
      const topic = partitionOfTopic(name, partition)
      store.transact(() => putCommit(store, { group, topic }, partition, offset))
    },
    committed: async (group, name, partition) => {
      const topic = partitionOfTopic(name, partition)
      return store.snapshot(() => getCommit(store, { group, topic }, partition))
    },
    trim: async (name, partition, offset) => {
      await trimRecords(store, partitionOfTopic(name, partition), partition, offset)
      keepReserve(store.folder, logger)
    },
    trimByAge: async (now) => {
      for (const topic of topics.all().filter(({ retentionMs }) => Number.isFinite(retentionMs))) {
        for (let partition = 0; partition < topic.partitions; partition++) {
          await trimOlder(store, topic, partition, now - topic.retentionMs)
        }
      }
      keepReserve(store.folder, logger)
    },
    close: () => {
      closed ??= shutDown()
      return closed
    },
  }
}

function startReaderCheck(store: Store, { logger, readerCheckIntervalMs }: EmbeddedLogParts): NodeJS.Timeout {
  const check = () => {
    try {
      store.readerCheck()
    } catch (error) {
      logger.warn('The log could not look for dead readers', { error: errorMessage(error) })
    }
  }
  return setInterval(check, readerCheckIntervalMs).unref()
}
