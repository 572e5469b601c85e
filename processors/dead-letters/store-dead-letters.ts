/**
 * Dead letters from the log into ClickHouse, where people list them. Reads from the position committed last, so after a
 * crash some are written again: the table is keyed by origin, and a letter that is there already changes nothing.
 */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { type DeadLetter, deadLetter } from '../../core/contracts/dead-letters.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { isPassingLogError } from '../../core/log/passing-error.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'

export interface DeadLetterOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

const TOPIC = 'dead-letters'
const PARTITION = 0
const LIMITS = { maxRecords: 1_000, maxBytes: 8 * 2 ** 20 }
const WAIT_MS = 1_000

/** Whose committed position says how far ClickHouse has the letters: what is behind it is not written again. */
export const deadLettersGroup = (run: string) => `dead-letters-${run}`

/** Runs until the signal. A ClickHouse that is away is waited for, and so is a log. */
export async function storeDeadLetters(options: DeadLetterOptions): Promise<void> {
  const { signal, clock, logger } = options
  while (!signal.aborted) {
    try {
      await follow(options)
    } catch (error) {
      if (!isPassingLogError(error)) throw error
      logger.debug('dead letters wait for the log', { why: errorMessage(error) })
      await clock.sleep(WAIT_MS, signal)
    }
  }
}

async function follow(options: DeadLetterOptions): Promise<void> {
  const { log, run, signal, clock, logger } = options
  const group = deadLettersGroup(run)
  let next = (await log.committed(group, TOPIC, PARTITION)) ?? 0
  while (!signal.aborted) {
    if (!(await log.waitForRecords(TOPIC, new Map([[PARTITION, next]]), WAIT_MS, signal))) continue
    const records = await log.read(TOPIC, PARTITION, next, LIMITS)
    if (records.length === 0) continue
    try {
      await insertLetters(records, options)
    } catch (error) {
      logger.debug('dead letters wait for ClickHouse', { why: errorMessage(error) })
      await clock.sleep(WAIT_MS, signal)
      continue
    }
    next = records.at(-1)!.offset + 1
    await log.commit(group, TOPIC, PARTITION, next)
  }
}

async function insertLetters(records: readonly LogRecord[], options: DeadLetterOptions): Promise<void> {
  const rows = records.flatMap((record) => rowOf(record, options.logger))
  if (rows.length === 0) return
  await options.warehouse.insert(
    `INSERT INTO ${options.database}.dead_letters FORMAT JSONEachRow`,
    Buffer.from(rows.join('\n')),
    {
      queryId: `${options.run}:dead-letters:${records[0]!.offset}:${options.clock.now()}`,
      settings: { date_time_input_format: 'best_effort' },
    },
  )
}

/** What revwall itself wrote must parse; if it does not, that is said once, and the rest goes on. */
function rowOf(record: LogRecord, logger: Logger): string[] {
  try {
    const letter = deadLetter.parse(JSON.parse(Buffer.from(record.value).toString('utf8')))
    return [JSON.stringify(columnsOf(letter, record.offset))]
  } catch (error) {
    logger.error('a record on dead-letters is no dead letter', { offset: record.offset, error })
    return []
  }
}

function columnsOf(
  { tenant, source, origin, reason, detail, at, payload, encoding }: DeadLetter,
  offset: number,
) {
  return { tenant, source, origin, reason, detail, at, payload, encoding, offset }
}
