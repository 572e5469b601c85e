/**
 * Knows the newest marks: reads them when a processor gives notice of a batch, and every second in case a notice is lost.
 * It is also how the api learns that ClickHouse is gone, and that it is back.
 *
 * What a notice touched is told at once and does not wait for the marks: the numbers need them for nothing but the word
 * how complete they are, and that may be a moment older than they are, never newer. It never is: a mark's batch has been
 * told of by its notice before, or else everything is told to be touched together with the mark.
 */
import { type Mark, readMarks } from '../../clickhouse/queries/read-marks.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { type CommittedBatch, committedBatch } from '../../core/contracts/committed-batch.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { parseRecord } from '../../core/log/parse-record.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { UNREACHABLE } from '../api-error.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { createHoldOff } from './hold-off.ts'
import { NOTHING_TOUCHED, type Touched, touchedBy } from './touched.ts'

/** A look costs as much as the hero; completeness is shown by the second. */
const LOOK_HOLD_OFF_MS = 500
const POLL_INTERVAL_MS = 1_000
const POLL_INTERVAL_WHILE_DOWN_MS = 250
/**
 * A mark can be seen a moment before the views have its batch. The notice comes when they have; where it does not, so
 * many looks later they do.
 */
const LOOKS_AFTER_UNANNOUNCED = 3
/** Everything is read again this often in any case, so that nothing that was missed stays for longer. */
const FULL_LOOK_INTERVAL_MS = 10_000
/** Notices between two reads; when there are more, everything counts as touched. */
const MAX_NOTICES = 1_000

/** What a frame is late for, ms. */
export interface NewsTimes {
  /** When the first of the batches was committed in ClickHouse. */
  committedAtMs: number
  /** When the oldest event of them was appended to the log; undefined where an older processor told. */
  appendedAtMs: number | undefined
}

export interface MarkWatch {
  marks(): readonly Mark[]
  partitions(): number
  /** Since when ClickHouse does not answer, ms; null while it does. */
  downSinceMs(): number | null
  /** Takes notices from the log. */
  notice(records: readonly LogRecord[]): void
  /** A query found no server. */
  failed(): void
  /** Other tables are read from now on: what is known of marks is not theirs. */
  forget(): void
  start(): void
  stop(): Promise<void>
}

export interface MarkWatchOptions {
  warehouse: Warehouse
  database: string
  log: EventLog
  clock: Clock
  logger: Logger
  metrics: ApiMetrics
  /** Called with what notices told. */
  onNotice: (touched: Touched, since: NewsTimes) => void
  /** Called after each look at the marks, at least once a second, with what no notice has told. */
  onLook: (touched: Touched) => void
}

export function watchMarks(options: MarkWatchOptions): MarkWatch {
  const { warehouse, database, log, clock, logger, metrics } = options
  const ending = new AbortController()
  const holdOff = createHoldOff({ run: look, holdOffMs: LOOK_HOLD_OFF_MS, clock })
  let marks: Mark[] = []
  let notices: CommittedBatch[] = []
  let missed = true
  /** Counts how often other tables were read from; `marks` are of the tables of that number. */
  let tables = 0
  let marksOf = 0
  let looksLeft = 0
  let fullLookAtMs = Number.NEGATIVE_INFINITY
  let downSinceMs: number | null = null
  let lastComplaint: string | undefined
  let polling: Promise<void> | undefined

  async function look(): Promise<void> {
    const taken = notices
    notices = []
    const asked = tables
    const known = marksOf === asked ? marks : []
    try {
      const next = await readMarks(warehouse, {
        database,
        topic: 'orders',
        partitions: partitions(),
        since: known,
      })
      // What the former tables say comes too late; the next look is under way.
      if (asked !== tables) return
      if (missed || downSinceMs !== null || hasUnannounced(known, next, taken))
        looksLeft = LOOKS_AFTER_UNANNOUNCED
      const everything = looksLeft > 0 || clock.now() - fullLookAtMs >= FULL_LOOK_INTERVAL_MS
      if (everything) fullLookAtMs = clock.now()
      looksLeft = Math.max(0, looksLeft - 1)
      marks = mergeMarks(known, next)
      marksOf = asked
      missed = false
      downSinceMs = null
      lastComplaint = undefined
      options.onLook(everything ? 'all' : NOTHING_TOUCHED)
    } catch (error) {
      missed = true
      complain(error)
      options.onLook(NOTHING_TOUCHED)
    }
  }

  function complain(error: unknown): void {
    const code = errorCode(error) ?? 'unknown'
    if (UNREACHABLE.has(code)) failed()
    // Once for each kind, or a server that is down would fill the log.
    const why = UNREACHABLE.has(code) ? { code, why: errorMessage(error) } : { error }
    if (code !== lastComplaint) logger.warn('cannot read the marks', why)
    lastComplaint = code
  }

  function failed(): void {
    downSinceMs ??= clock.now()
  }

  function partitions(): number {
    try {
      return log.partitions('orders')
    } catch (error) {
      // Nobody has made the topic yet.
      if (errorCode(error) === 'LOG_UNKNOWN_TOPIC') return TOPICS.orders.partitions
      throw error
    }
  }

  async function poll(): Promise<void> {
    while (!ending.signal.aborted) {
      holdOff.touch()
      await clock.sleep(downSinceMs === null ? POLL_INTERVAL_MS : POLL_INTERVAL_WHILE_DOWN_MS, ending.signal)
    }
  }

  return {
    marks: () => marks,
    partitions,
    downSinceMs: () => downSinceMs,
    notice(records) {
      const batches = records.flatMap((record) => parseRecord(record, committedBatch) ?? [])
      metrics.unreadableRecords.inc({ topic: 'committed-batches' }, records.length - batches.length)
      const room = MAX_NOTICES - notices.length
      if (batches.length > room) missed = true
      notices.push(...batches.slice(0, room))
      if (batches.length > 0) options.onNotice(touchedBy(batches), timesOf(batches))
      holdOff.touch()
    },
    failed,
    forget() {
      tables += 1
      missed = true
      holdOff.touch()
    },
    start() {
      polling ??= poll()
    },
    async stop() {
      ending.abort()
      await Promise.all([holdOff.stop(), polling])
    },
  }
}

/** Batches follow each other without a gap, so a notice that is missing shows, also one in between. */
function hasUnannounced(
  before: readonly Mark[],
  next: readonly Mark[],
  notices: readonly CommittedBatch[],
): boolean {
  const known = new Map(before.map(({ partition, last }) => [partition, last]))
  const inOrder = [...notices].sort((a, b) => a.first - b.first)
  for (const { partition, first, last } of inOrder) {
    const at = known.get(partition)
    if (at !== undefined && first <= at + 1 && last > at) known.set(partition, last)
  }
  return next.some(({ partition, last }) => (known.get(partition) ?? Number.NEGATIVE_INFINITY) < last)
}

function mergeMarks(before: readonly Mark[], next: readonly Mark[]): Mark[] {
  const all = new Map([...before, ...next].map((mark) => [mark.partition, mark]))
  return [...all.values()].sort((a, b) => a.partition - b.partition)
}

function timesOf(notices: readonly CommittedBatch[]): NewsTimes {
  const appended = notices.flatMap(({ appendedAt }) => appendedAt ?? [])
  return {
    committedAtMs: Math.min(...notices.map(({ at }) => Date.parse(at))),
    appendedAtMs: appended.length > 0 ? Math.min(...appended.map((at) => Date.parse(at))) : undefined,
  }
}
