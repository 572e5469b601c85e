/**
 * The one way into the log: facts and the progress behind them in one append, so that the position is never ahead of
 * the facts nor behind them. Keeps `upTo` from ever going back.
 */
import type { OrderEventInput } from '../../../core/contracts/order.ts'
import type { SourceProgress } from '../../../core/contracts/source-progress.ts'
import type { EventLog, NewRecord } from '../../../core/log/event-log.ts'
import { isPassingLogError } from '../../../core/log/passing-error.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { errorMessage } from '../../../core/runtime/errors.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import { broadcastRecords, deadLetterRecord, orderRecord } from './encode-records.ts'
import { formatPosition, type Position } from './position.ts'
import type { BadRecord } from './read-timeline.ts'

export interface FeedOptions {
  log: EventLog
  clock: Clock
  logger: Logger
  tenant: string
  source: string
  speed: number
  position: Position
  upToMs: number | undefined
  /** Waits while the log is full or cannot be reached, instead of throwing. */
  patient: boolean
}

export interface Feed {
  readonly position: Readonly<Position>
  readonly upToMs: number | undefined
  /** Tells where the history ends, once the first invoice is known. */
  playFrom(untilLocalMs: number): void
  /** Records sent so far by this process, without progress. */
  readonly sent: number
  /** Order events are encoded as they come, which spreads the work; they wait for `send`. */
  add(events: readonly OrderEventInput[]): void
  readonly waitingBytes: number
  readonly waitingEvents: number
  /** Appends what waits, and behind it the progress. `next` and `pass` are the position that is then true. */
  send(progress: SendProgress, signal?: AbortSignal): Promise<void>
  /** Appends the dead letters that are not in the log yet; counts go with the next `send`. */
  sendLetters(bad: readonly BadRecord[], signal?: AbortSignal): Promise<void>
}

export interface SendProgress {
  upToMs: number
  mode: SourceProgress['mode']
  pass: number
  next: number
}

const FULL_RETRY_MS = 2_000

export function createFeed(options: FeedOptions): Feed {
  const { log, clock, tenant, source } = options
  const position = { ...options.position }
  let waiting: NewRecord[] = []
  let waitingBytes = 0
  let upToMs = options.upToMs
  let sent = 0

  async function append(topic: string, records: readonly NewRecord[], signal?: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await log.append(topic, records)
        return
      } catch (error) {
        if (!options.patient || !isPassingLogError(error) || signal?.aborted) throw error
        options.logger.error('the log takes nothing; the replay waits', { source, why: errorMessage(error) })
        await clock.sleep(FULL_RETRY_MS, signal)
      }
    }
  }

  return {
    position,
    get upToMs() {
      return upToMs
    },
    playFrom(untilLocalMs) {
      position.untilLocalMs = untilLocalMs
    },
    get sent() {
      return sent
    },
    get waitingBytes() {
      return waitingBytes
    },
    get waitingEvents() {
      return waiting.length
    },
    add(events) {
      // It may have grown.
      const partitions = log.partitions('orders')
      for (const event of events) {
        const record = orderRecord(event, partitions)
        waiting.push(record)
        waitingBytes += record.value.byteLength
      }
    },
    async send(progress, signal) {
      const reached = Math.max(upToMs ?? 0, Math.floor(progress.upToMs))
      const next = { ...position, pass: progress.pass, next: progress.next }
      const event: SourceProgress = {
        type: 'source.progress',
        schemaVersion: 1,
        tenant,
        source,
        role: 'sale',
        upTo: new Date(reached).toISOString(),
        polledAt: new Date(clock.now()).toISOString(),
        mode: progress.mode,
        speed: progress.mode === 'replay' ? options.speed : 1,
        pass: progress.pass,
        note: formatPosition(next),
      }
      await append(
        'orders',
        [...waiting, ...broadcastRecords(progressKey(tenant, source), event, log.partitions('orders'))],
        signal,
      )
      sent += waiting.length
      waiting = []
      waitingBytes = 0
      upToMs = reached
      Object.assign(position, next)
    },
    async sendLetters(bad, signal) {
      if (bad.length === 0) return
      const from = { tenant, source, fileName: position.fileName, atMs: clock.now() }
      for (let at = 0; at < bad.length; at += MAX_LETTERS_PER_APPEND) {
        const some = bad.slice(at, at + MAX_LETTERS_PER_APPEND)
        const records = some.map((one) => deadLetterRecord(one, from))
        await append('dead-letters', records, signal)
      }
      position.letters += bad.length
    },
  }
}

const MAX_LETTERS_PER_APPEND = 500

export function progressKey(tenant: string, source: string): string {
  return `${tenant}/${source}`
}
