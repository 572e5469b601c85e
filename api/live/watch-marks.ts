/**
 * Knows the newest marks: reads them at once when a processor gives notice of a batch, and every second in case a notice
 * is lost. It is also how the api learns that ClickHouse is gone, and that it is back.
 */
import { type Mark, readMarks } from '../../clickhouse/queries/read-marks.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { type CommittedBatch, committedBatch } from '../../core/contracts/committed-batch.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { UNREACHABLE } from '../api-error.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { createHoldOff } from './hold-off.ts'
import { parseRecord } from './parse-record.ts'
import { NOTHING_TOUCHED, type Touched, touchedBy } from './touched.ts'

export const HOLD_OFF_MS = 100
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

export interface MarkChange {
  touched: Touched
  /** When the first of the batches was committed, ms; null when no notice told. */
  committedAtMs: number | null
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
  /** Called after each look at the marks, at least once a second, whether they moved or not. */
  onLook: (change: MarkChange) => void
}

export function watchMarks(options: MarkWatchOptions): MarkWatch {
  const { warehouse, database, log, clock, logger, metrics } = options
  const ending = new AbortController()
  const holdOff = createHoldOff({ run: look, holdOffMs: HOLD_OFF_MS, clock })
  let marks: Mark[] = []
  let notices: CommittedBatch[] = []
  let missed = true
  let looksLeft = 0
  let fullLookAtMs = Number.NEGATIVE_INFINITY
  let downSinceMs: number | null = null
  let lastComplaint: string | undefined
  let polling: Promise<void> | undefined

  async function look(): Promise<void> {
    const taken = notices
    notices = []
    try {
      const next = await readMarks(warehouse, {
        database,
        topic: 'orders',
        partitions: partitions(),
        since: marks,
      })
      if (missed || downSinceMs !== null || hasUnannounced(marks, next, taken))
        looksLeft = LOOKS_AFTER_UNANNOUNCED
      const everything = looksLeft > 0 || clock.now() - fullLookAtMs >= FULL_LOOK_INTERVAL_MS
      if (everything) fullLookAtMs = clock.now()
      looksLeft = Math.max(0, looksLeft - 1)
      marks = mergeMarks(marks, next)
      missed = false
      downSinceMs = null
      lastComplaint = undefined
      options.onLook({ touched: everything ? 'all' : touchedBy(taken), committedAtMs: firstCommit(taken) })
    } catch (error) {
      missed = true
      complain(error)
      options.onLook({ touched: NOTHING_TOUCHED, committedAtMs: null })
    }
  }

  function complain(error: unknown): void {
    const code = errorCode(error) ?? 'unknown'
    if (UNREACHABLE.has(code)) failed()
    // Once for each kind, or a server that is down would fill the log.
    if (code !== lastComplaint) logger.warn('cannot read the marks', { error })
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
      for (const record of records) {
        const batch = parseRecord(record, committedBatch)
        if (batch === undefined) metrics.unreadableRecords.inc({ topic: 'committed-batches' })
        else if (notices.length < MAX_NOTICES) notices.push(batch)
        else missed = true
      }
      holdOff.touch()
    },
    failed,
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

const firstCommit = (notices: readonly CommittedBatch[]): number | null =>
  notices.length === 0 ? null : Math.min(...notices.map(({ at }) => Date.parse(at)))
