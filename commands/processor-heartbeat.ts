/** The heartbeat of a processor on the log, and what an api in another process makes of all of them. */
import { randomBytes } from 'node:crypto'
import { tailTopic } from '../api/live/tail-topic.ts'
import type { Health } from '../api/live/tenant-facts.ts'
import {
  PROCESSOR_GONE_AFTER_MS,
  PROCESSOR_HEALTH_INTERVAL_MS,
  type ProcessorHealthEvent,
  processorHealth,
} from '../core/contracts/processor-health.ts'
import { codeOf, say, type Told } from '../core/contracts/sayings.ts'
import type { EventLog, LogRecord } from '../core/log/event-log.ts'
import { parseRecord } from '../core/log/parse-record.ts'
import type { Clock } from '../core/runtime/clock.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import type { Logger } from '../core/runtime/logger.ts'
import type { Processors } from './start-processors.ts'

type Word = Pick<ProcessorHealthEvent, 'run' | 'state' | 'backlog' | 'verifying'> & Told

const TOPIC = 'processor-health'
const MAX_MESSAGE_CHARS = 2_000
/** Enough to hear the last word of some dozens of processors at the start. */
const WORDS_AT_START = 200
/** Processors that were heard of; the one silent for the longest is forgotten first. */
const MAX_PROCESSORS = 1_000

export interface HeartbeatOptions {
  log: EventLog
  clock: Clock
  logger: Logger
  now: () => Word
}

/** What a process has to say of its processors, which are not there yet while it waits for ClickHouse. */
export function wordOf(processors: Processors | undefined): Word {
  if (processors === undefined)
    return {
      ...{ run: '', state: 'recovering', backlog: 0, verifying: true },
      ...say('processor.waiting'),
    }
  return { run: processors.run, ...processors.health(), verifying: processors.reconciler.verifying() }
}

/** Speaks every second until it is stopped, and then once more. */
export function beatProcessor({ log, clock, logger, now }: HeartbeatOptions): () => Promise<void> {
  const stopping = new AbortController()
  const instance = `${process.pid}-${randomBytes(6).toString('hex')}`
  const speak = async ({ run, state, message, code = '', params = {}, backlog, verifying }: Word) => {
    const event: ProcessorHealthEvent = {
      type: 'processor.health',
      schemaVersion: 1,
      instance,
      run,
      at: new Date(clock.now()).toISOString(),
      state,
      ...{ message: message.slice(0, MAX_MESSAGE_CHARS), code, params },
      backlog,
      verifying,
    }
    const value = Buffer.from(JSON.stringify(event))
    try {
      await log.append(TOPIC, [{ partition: 0, key: instance, value, contentType: 'application/json' }])
    } catch (error) {
      // A full log is told by those who have records for it; a lost heartbeat is made good by the next.
      logger.debug('a heartbeat was lost', { why: errorMessage(error) })
    }
  }
  const beat = async () => {
    while (!stopping.signal.aborted) {
      await speak(now())
      await clock.sleep(PROCESSOR_HEALTH_INTERVAL_MS, stopping.signal)
    }
    await speak({ run: now().run, state: 'stopped', message: '', backlog: 0, verifying: false })
  }
  const beating = beat()
  return () => {
    stopping.abort()
    return beating
  }
}

type ProcessorPart = Pick<Health, 'processor' | 'message' | 'code' | 'params' | 'backlog'>

export interface ProcessorWatch {
  health(): ProcessorPart
  verifying(): boolean
  stop(): Promise<void>
}

export function watchProcessors(log: EventLog, clock: Clock, logger: Logger): ProcessorWatch {
  const ending = new AbortController()
  const words = new Map<string, Word & { heardAtMs: number }>()
  const take = (records: readonly LogRecord[]) => {
    for (const record of records) {
      const event = parseRecord(record, processorHealth)
      if (event === undefined) continue
      // Put in anew, so that the map is in the order in which they spoke.
      words.delete(event.instance)
      if (event.state !== 'stopped') words.set(event.instance, { ...event, heardAtMs: record.appendedAt })
    }
    for (const instance of words.keys()) if (words.size > MAX_PROCESSORS) words.delete(instance)
  }
  let trouble: Told | undefined
  const onTrouble = (told: Told | undefined) => {
    trouble = told
  }
  const tail = { log, logger, topic: TOPIC, last: WORDS_AT_START, onRecords: take, onTrouble } as const
  const tailing = tailTopic({ ...tail, signal: ending.signal })
  const living = () =>
    [...words.values()].filter(({ heardAtMs }) => clock.now() - heardAtMs < PROCESSOR_GONE_AFTER_MS)
  return {
    // Without the log nobody is heard, whether he lives or not.
    health: () =>
      trouble === undefined
        ? worst(living())
        : { processor: 'halted', message: trouble.message, ...codeOf(trouble) },
    // Of what nobody looks at, nobody can say that it is proved.
    verifying: () => {
      const alive = living()
      return alive.length === 0 || alive.some(({ verifying }) => verifying)
    },
    stop: () => {
      ending.abort()
      return tailing
    },
  }
}

const { params: _, ...gone } = say('processor.gone')
const GONE = { processor: 'halted', ...gone } as const

function worst(words: readonly Word[]): ProcessorPart {
  if (words.length === 0) return GONE
  const word =
    words.find(({ state }) => state === 'halted') ??
    words.find(({ state }) => state === 'recovering') ??
    words[0]!
  // Each counts all partitions, from its own start on: whoever started last may have seen more.
  const backlog = Math.max(...words.map((each) => each.backlog))
  const processor = word.state === 'stopped' ? 'halted' : word.state
  return { processor, message: word.message, ...codeOf(word), ...(backlog > 0 && { backlog }) }
}
