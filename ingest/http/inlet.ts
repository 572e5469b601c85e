/** The one way of pushed events into the log: the facts of a request in one append, and progress behind them. */
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import type { OrderFact } from '../../core/contracts/events.ts'
import { orderKey } from '../../core/contracts/order.ts'
import type { SourceProgress } from '../../core/contracts/source-progress.ts'
import { type EventLog, type NewRecord, partitionOf } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { IngestError } from './ingest-error.ts'
import { PROGRESS_INTERVAL_MS } from './limits.ts'
import { createSourceBook, keyOf, type PushedSource } from './source-book.ts'

const TOPIC = 'orders'

export interface Inlet {
  encode(fact: OrderFact): NewRecord
  /** All or nothing, durable when it resolves. Throws `LOG_UNAVAILABLE`. */
  append(facts: readonly NewRecord[], sources: Iterable<PushedSource>): Promise<void>
  /** Tells the progress that no request tells, until the signal. */
  run(signal: AbortSignal): Promise<void>
}

export function createInlet({ log, clock, logger }: { log: EventLog; clock: Clock; logger: Logger }): Inlet {
  const book = createSourceBook()

  async function append(facts: readonly NewRecord[], pushing: Iterable<PushedSource>, nowMs: number) {
    const told = book.dueBehind(pushing, nowMs)
    await log.append(TOPIC, [...facts, ...told.flatMap((source) => progressRecords(source, nowMs))])
    book.note(pushing, told, nowMs)
  }

  function progressRecords(source: PushedSource, nowMs: number): NewRecord[] {
    const encoded = encodeOrdersEvent(progressOf(source, nowMs))
    const record = { key: keyOf(source), ...encoded }
    return Array.from({ length: log.partitions(TOPIC) }, (_, partition) => ({ partition, ...record }))
  }

  async function tellOwed(): Promise<void> {
    const nowMs = clock.now()
    const owed = book.due(nowMs)
    if (owed.length === 0) return
    const records = owed.flatMap((source) => progressRecords(source, nowMs))
    await log.append(TOPIC, records)
    book.note([], owed, nowMs)
  }

  return {
    encode(fact) {
      const key = orderKey(fact)
      return { partition: partitionOf(key, log.partitions(TOPIC)), key, ...encodeOrdersEvent(fact) }
    },
    async append(facts, sources) {
      try {
        await append(facts, sources, clock.now())
      } catch (cause) {
        throw asUnavailable(cause)
      }
    },
    async run(signal) {
      let failing = false
      do {
        await clock.sleep(PROGRESS_INTERVAL_MS, signal)
        try {
          await tellOwed()
          failing = false
        } catch (error) {
          // Requests meet the same log and answer 503; here it is said once, and owed until it works.
          if (!failing)
            logger.warn('progress of pushing sources waits for the log', { why: errorMessage(error) })
          failing = true
        }
      } while (!signal.aborted)
    },
  }
}

function progressOf({ tenant, source, role }: PushedSource, nowMs: number): SourceProgress {
  const now = new Date(nowMs).toISOString()
  return {
    type: 'source.progress',
    schemaVersion: 1,
    tenant,
    source,
    role,
    upTo: now,
    polledAt: now,
    mode: 'live',
    speed: 1,
    pass: null,
    note: '',
  }
}

/** Full, closed or broken: it can be sent again, and what is there already changes nothing. */
export function asUnavailable(cause: unknown): unknown {
  const isLogs = cause instanceof RevwallError && (errorCode(cause) ?? '').startsWith('LOG_')
  if (!isLogs) return cause
  const message = 'The log takes nothing at the moment; nothing of this request was taken. Send it again.'
  return new IngestError('LOG_UNAVAILABLE', message, { cause })
}
