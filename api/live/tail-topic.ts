import { setTimeout as wait } from 'node:timers/promises'
import type { Told } from '../../core/contracts/sayings.ts'
import type { TopicName } from '../../core/contracts/topics.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'

export interface TailOptions {
  log: EventLog
  topic: TopicName
  /** How many of the records that are there already are read first. */
  last: number
  onRecords: (records: LogRecord[]) => void
  /** Why it cannot be read at the moment; undefined when it can again. */
  onTrouble?: (trouble: Told | undefined) => void
  logger: Logger
  signal: AbortSignal
}

const WAIT_MS = 1_000
const RETRY_MS = 1_000
const LIMITS = { maxRecords: 1_000, maxBytes: 4_000_000 }

/**
 * Follows a topic of one partition until `signal` aborts. Records that were trimmed before they were read are skipped:
 * what is tailed here are notices and absolute values, of which the newest counts.
 */
export async function tailTopic(options: TailOptions): Promise<void> {
  const { log, topic, signal, logger } = options
  let next: number | undefined
  while (!signal.aborted) {
    try {
      next ??= await startOffset(options)
      const records = await log.read(topic, 0, next, LIMITS)
      options.onTrouble?.(undefined)
      const last = records.at(-1)
      if (last === undefined) await log.waitForRecords(topic, new Map([[0, next]]), WAIT_MS, signal)
      else {
        next = last.offset + 1
        options.onRecords(records)
      }
    } catch (error) {
      if (signal.aborted || errorCode(error) === 'LOG_CLOSED') return
      if (errorCode(error) === 'LOG_TRIMMED') next = undefined
      else {
        options.onTrouble?.({ message: errorMessage(error), code: errorCode(error) })
        logger.warn('cannot follow a topic', { topic, error })
      }
      await wait(RETRY_MS, undefined, { signal }).catch(() => {
        // The signal ended the wait; the loop sees it too.
      })
    }
  }
}

async function startOffset({ log, topic, last }: TailOptions): Promise<number> {
  const { partitions, retentionMs } = TOPICS[topic]
  await log.ensureTopic(topic, { partitions, retentionMs })
  const { first, next } = await log.bounds(topic, 0)
  return Math.max(first, next - last)
}
