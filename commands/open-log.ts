/** The embedded log of the data folder, with all topics. */
import { TOPICS } from '../core/contracts/topics.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import type { Config } from '../core/runtime/env.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { logFolder } from './open-warehouse.ts'

/** The number of the orders partitions is chosen when the topic is made; a later change of the setting is refused. */
export async function openLog(config: Config, logger: Logger): Promise<EventLog> {
  const log = await openEmbeddedLog({ folder: logFolder(config), logger })
  try {
    for (const { name, partitions, retentionMs } of Object.values(TOPICS))
      await log.ensureTopic(name, {
        partitions: name === 'orders' ? config.partitions : partitions,
        retentionMs,
      })
  } catch (error) {
    await log.close()
    throw error
  }
  return log
}
