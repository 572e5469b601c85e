/**
 * Customers, products, rates and notes from the log into ClickHouse. Reads from the position committed last, so after a crash
 * some records are written again: the tables keep the largest version of a key, and a row that is there already changes
 * nothing. Several processes may do so at once, for the same reason.
 */
import { insertRows } from '../../clickhouse/insert-rows.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { CustomerEvent, ProductEvent, RateEvent } from '../../core/contracts/facts.ts'
import type { NoteEvent } from '../../core/contracts/notes.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { isPassingLogError } from '../../core/log/passing-error.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { sendDeadLetters } from '../orders/announce.ts'
import { annotationRow, productRow, type Row, rateRow, targetRow } from './fact-rows.ts'
import { FACT_TOPICS, type FactContext, type FactEvent, type FactTopic, parseFact } from './parse-fact.ts'
import { storeCustomers } from './store-customers.ts'

export interface FactsOptions {
  warehouse: Warehouse
  database: string
  run: string
  log: EventLog
  tenants: ReadonlyMap<string, unknown>
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

const LIMITS = { maxRecords: 1_000, maxBytes: 8 * 2 ** 20 }
const WAIT_MS = 1_000
const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 30_000

/**
 * Runs until the signal. What does not parse becomes a dead letter; a ClickHouse that is away or refuses is waited for. A
 * topic that cannot be read halts, is told once, and leaves the others running.
 */
export async function storeFacts(options: FactsOptions): Promise<void> {
  await Promise.all(
    FACT_TOPICS.map(async (topic) => {
      try {
        await followPatiently(topic, options)
      } catch (error) {
        const why = errorMessage(error)
        options.logger.error('facts are not stored any more', { topic, code: errorCode(error), why })
      }
    }),
  )
}

/** A log that cannot be reached is waited for. */
async function followPatiently(topic: FactTopic, options: FactsOptions): Promise<void> {
  const { signal, clock, logger } = options
  while (!signal.aborted) {
    try {
      await followTopic(topic, options)
    } catch (error) {
      if (!isPassingLogError(error)) throw error
      logger.debug('facts wait for the log', { topic, why: errorMessage(error) })
      await clock.sleep(WAIT_MS, signal)
    }
  }
}

async function followTopic(topic: FactTopic, options: FactsOptions): Promise<void> {
  const { log, signal } = options
  const positions = await readPositions(topic, options)
  while (!signal.aborted) {
    if (!(await log.waitForRecords(topic, positions, WAIT_MS, signal))) continue
    for (const [partition, offset] of positions) {
      const records = await log.read(topic, partition, offset, LIMITS)
      if (records.length === 0 || !(await storeSurely(records, topic, partition, options))) continue
      const next = records.at(-1)!.offset + 1
      positions.set(partition, next)
      await log.commit(factsGroup(options.run), topic, partition, next)
    }
  }
}

async function readPositions(topic: FactTopic, { log, run }: FactsOptions): Promise<Map<number, number>> {
  const partitions = Array.from({ length: log.partitions(topic) }, (_, partition) => partition)
  const next = async (partition: number) => {
    const { first } = await log.bounds(topic, partition)
    return Math.max(first, (await log.committed(factsGroup(run), topic, partition)) ?? 0)
  }
  return new Map(await Promise.all(partitions.map(async (p) => [p, await next(p)] as const)))
}

/** Whose committed positions say how far ClickHouse has the facts: what is behind them is not written again. */
export const factsGroup = (run: string) => `facts-${run}`

/** False when the signal came first. */
async function storeSurely(
  records: readonly LogRecord[],
  topic: FactTopic,
  partition: number,
  options: FactsOptions,
): Promise<boolean> {
  const { clock, signal, logger } = options
  for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS)) {
    try {
      await store(records, topic, partition, options)
      return true
    } catch (error) {
      if (waitMs === FIRST_RETRY_MS)
        logger.warn('facts wait for ClickHouse', { topic, why: errorMessage(error) })
      await clock.sleep(waitMs, signal)
    }
  }
  return false
}

/** Rows, then letters: both may be written again, and nothing is committed before both are there. */
async function store(
  records: readonly LogRecord[],
  topic: FactTopic,
  partition: number,
  options: FactsOptions,
): Promise<void> {
  const { log, tenants } = options
  const context: FactContext = { topic, partition, incarnation: log.incarnation, tenants }
  const parsed = records.map((record) => ({ record, ...parseFact(record, context) }))
  const facts = parsed.flatMap((one) => ('event' in one ? [one] : []))
  const queryId = `${options.run}:${topic}:${partition}:${records[0]!.offset}:${options.clock.now()}`
  await insertFacts(facts, topic, queryId, options)
  await sendDeadLetters(
    log,
    parsed.flatMap((one) => ('letter' in one ? [one.letter] : [])),
  )
}

interface Fact {
  record: LogRecord
  event: FactEvent
}

async function insertFacts(
  facts: readonly Fact[],
  topic: FactTopic,
  queryId: string,
  options: FactsOptions,
): Promise<void> {
  if (facts.length === 0) return
  const insertInto = (table: string) => (rows: readonly Row[]) =>
    insertRows(options.warehouse, `${options.database}.${table}`, rows, queryId)
  switch (topic) {
    case 'customers':
      return storeCustomers(
        facts.map(({ event }) => event as CustomerEvent),
        insertInto('customers'),
        options,
      )
    case 'products':
      return insertInto('catalogue')(facts.map(({ event }) => productRow(event as ProductEvent)))
    case 'rates':
      return insertInto('rates')(facts.map(({ event, record }) => rateRow(event as RateEvent, record)))
    case 'notes': {
      const notes = facts as readonly (Fact & { event: NoteEvent })[]
      const rowsOf = { annotations: [] as Row[], targets: [] as Row[] }
      for (const { event, record } of notes)
        if (event.type === 'annotation') rowsOf.annotations.push(annotationRow(event, record))
        else rowsOf.targets.push(targetRow(event, record))
      await insertInto('annotations')(rowsOf.annotations)
      return insertInto('targets')(rowsOf.targets)
    }
  }
}
