/** The log with all topics: on Kafka where KAFKA_BROKERS says so, else the embedded one of the data folder. */
import { TOPICS, type Topic } from '../core/contracts/topics.ts'
import type { EventLog, TopicOptions } from '../core/log/event-log.ts'
import type { Config } from '../core/runtime/env.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { requireNotMoved } from './move/moved-file.ts'
import { logFolder } from './open-warehouse.ts'

/** The number of the orders partitions is chosen when the topic is made, and may grow; another setting than it fits is refused. */
export async function openLog(config: Config, logger: Logger): Promise<EventLog> {
  const log = await openOne(config, logger)
  const making = Object.values(TOPICS).map((topic) => log.ensureTopic(topic.name, optionsOf(topic, config)))
  // None is under way any more when the log is closed.
  const failed = (await Promise.allSettled(making)).find((made) => made.status === 'rejected')
  if (failed === undefined) return log
  await log.close()
  throw failed.reason
}

/** Loaded when they are opened: each brings a package that the other does not need. */
async function openOne(config: Config, logger: Logger): Promise<EventLog> {
  if (config.kafka === undefined) {
    requireNotMoved(config.dataFolder, 'log')
    const { openEmbeddedLog } = await import('../core/log/embedded/open-embedded-log.ts')
    return openEmbeddedLog({ folder: logFolder(config), logger })
  }
  const { openKafkaLog } = await import('../core/log/kafka/open-kafka-log.ts')
  return openKafkaLog({ ...config.kafka, logger })
}

/** What `keepLog` does for the embedded log a server does by itself, by what is said when the topic is made. */
export function optionsOf({ name, partitions, retentionMs }: Topic, config: Config): TopicOptions {
  if (name !== 'orders') return { partitions, retentionMs }
  if (config.kafka === undefined) return { partitions: config.partitions, retentionMs }
  return {
    partitions: config.partitions,
    retentionMs: Math.min(retentionMs, config.logMaxAgeMs),
    retentionBytes: Math.floor(config.logMaxBytes / config.partitions),
  }
}
