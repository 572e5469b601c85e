/**
 * Keeps the log to an age and a size. Orders are kept for ever unless somebody says otherwise: only from a whole log can
 * a run be filled again by other rules. What is trimmed is never needed by a run that is open: each has it in ClickHouse,
 * and the records of its last mark stay, for their hash is compared at every recovery (EXACTNESS.md).
 */
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { readLastMark } from '../orders/read-position.ts'

export interface RetentionOptions {
  warehouse: Warehouse
  log: EventLog
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** Of records of the orders topic; Infinity keeps all. */
  maxAgeMs: number
  /** Of the whole log; the oldest orders go. Infinity keeps all. */
  maxBytes: number
  intervalMs?: number
}

const INTERVAL_MS = 60_000
const TOPIC = 'orders'

/** Runs until the signal; two at once do no harm. A ClickHouse that is away is waited for: without it nothing is trimmed. */
export async function keepLog(options: RetentionOptions): Promise<void> {
  const { clock, logger, signal, intervalMs = INTERVAL_MS } = options
  let complaint: string | undefined
  while (!signal.aborted) {
    await clock.sleep(intervalMs, signal)
    if (signal.aborted) return
    try {
      const left = await trimOnce(options)
      const over = left > 0 ? 'over' : undefined
      if (over !== undefined && complaint !== over) logger.warn(tooLarge(left, options))
      complaint = over
    } catch (error) {
      if (!(error instanceof RevwallError)) throw error
      if (errorCode(error) !== complaint)
        logger.warn('the log is trimmed later', { why: errorMessage(error) })
      complaint = errorCode(error)
    }
  }
}

/** Resolves with the bytes by which the log is still too large. */
export async function trimOnce(options: RetentionOptions): Promise<number> {
  const { log, clock, maxAgeMs, maxBytes } = options
  await log.trimByAge(clock.now())
  const { sizes } = log
  if (sizes === undefined || (maxAgeMs === Number.POSITIVE_INFINITY && maxBytes === Number.POSITIVE_INFINITY))
    return 0
  const limits = await readLimits(options)
  for (const [partition, limit] of limits) {
    if (maxAgeMs === Number.POSITIVE_INFINITY) break
    await log.trim(
      TOPIC,
      partition,
      await sizes.offsetAfterTime(TOPIC, partition, clock.now() - maxAgeMs, limit),
    )
  }
  const over = (await sizes.bytes()) - maxBytes
  if (over <= 0) return 0
  // An equal share of each: keys are spread evenly.
  for (const [partition, limit] of limits)
    await log.trim(
      TOPIC,
      partition,
      await sizes.offsetAfterBytes(TOPIC, partition, over / limits.size, limit),
    )
  return Math.max(0, (await sizes.bytes()) - maxBytes)
}

/** By partition the first offset of the last mark, of the run that is farthest behind; none where a run has no mark. */
async function readLimits({ warehouse, log }: RetentionOptions): Promise<Map<number, number>> {
  const { open } = await readRuns(warehouse)
  const limits = new Map<number, number>()
  for (let partition = 0; partition < log.partitions(TOPIC); partition++) {
    const marks = await Promise.all(
      open.map(({ database }) => readLastMark({ warehouse, database, topic: TOPIC, partition })),
    )
    const ends = marks.map((mark) => (mark?.incarnation === log.incarnation ? mark.first : 0))
    limits.set(partition, Math.min(...ends))
  }
  return limits
}

function tooLarge(left: number, { maxBytes }: RetentionOptions): string {
  const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`
  return (
    `the log takes ${mib(left)} more than its ${mib(maxBytes)}, and the rest may not go yet: runs still need it, or it is ` +
    'of other topics. Raise REVWALL_LOG_MAX_GB, or drop a run that is behind'
  )
}
