/**
 * One partition, batch by batch, by the protocol of EXACTNESS.md: take, compute, insert, settle, apply. The order of
 * the steps is the correctness; the numbers are those of that page.
 */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { announceBatch, sendDeadLetters, sendRereads } from './announce.ts'
import type { BatchContext, ComputedBatch, MarkPosition, TakenBatch } from './batch.ts'
import { computeBatch, parseBatch } from './compute-batch.ts'
import { OrderState } from './order-state.ts'
import { recoverPartition } from './recover-partition.ts'
import { refusedRecord } from './refused-record.ts'
import { takeRecords } from './take-records.ts'
import { type WriteOutcome, writeBatch } from './write-batch.ts'

export type Step = 'take' | 'compute' | 'insert' | 'settle' | 'apply'
export type StepHook = (step: Step, phase: 'before' | 'after') => void | Promise<void>

export interface PartitionOptions {
  warehouse: Warehouse
  database: string
  log: EventLog
  clock: Clock
  logger: Logger
  signal: AbortSignal
  context: BatchContext
  limits: { maxRecords: number; maxBytes: number; minIntervalMs: number; progressIntervalMs: number }
  onStep: StepHook
  /** For metrics, health and the audit that a settled insert asks for. */
  onEvent: (event: PartitionEvent) => void
}

export type PartitionEvent =
  | { type: 'recovered'; mark: number; orders: number; serverStart: number }
  | { type: 'landed'; batch: ComputedBatch; settled: boolean; seconds: number }
  | { type: 'waiting'; why: string }
  | { type: 'fenced' }

/** Records that ClickHouse may refuse one after the other before this is taken for a fault of the table, not of them. */
const MAX_REFUSED_IN_A_ROW = 10

/** Runs until the signal; rejects where going on would be wrong (see recoverPartition), for a person to act. */
export async function runPartition(options: PartitionOptions): Promise<void> {
  while (!options.signal.aborted) {
    const [position, state] = await recover(options)
    await runFrom(position, state, options)
  }
}

async function recover(options: PartitionOptions): Promise<[MarkPosition, OrderState]> {
  const scope = scopeOf(options)
  const mark = await recoverPartition(scope, options.log)
  const state = await OrderState.load(scope, mark.last)
  options.onEvent({ type: 'recovered', mark: mark.last, orders: state.orders, serverStart: mark.serverStart })
  return [mark, state]
}

/** Goes on from a mark until the signal or another writer. */
async function runFrom(start: MarkPosition, state: OrderState, options: PartitionOptions): Promise<void> {
  const { clock, signal } = options
  let position = start
  let doneAt = 0
  let refusedInARow = 0
  let maxRecords = options.limits.maxRecords
  while (!signal.aborted) {
    // 1. Take.
    await options.onStep('take', 'before')
    const taken = await take(position, doneAt, maxRecords, options)
    await options.onStep('take', 'after')
    if (taken === undefined) return
    // 2. Compute. Dead letters go out before the mark says that their records are done: once too often, never lost.
    await options.onStep('compute', 'before')
    const batch = await compute(taken, position, state, options)
    await options.onStep('compute', 'after')
    await sendDeadLetters(options.log, batch.deadLetters)
    // 3 and 4. Insert, and settle what is not acknowledged.
    const startedAt = clock.now()
    const outcome = await write(batch, position, options)
    if (outcome.type === 'stopped') return
    if (outcome.type === 'fenced') return options.onEvent({ type: 'fenced' })
    if (outcome.type === 'refused') {
      if (taken.records.length > 1) {
        // Halved until the one record is found.
        maxRecords = Math.ceil(taken.records.length / 2)
        continue
      }
      refusedInARow += 1
      if (refusedInARow > MAX_REFUSED_IN_A_ROW) throw refusedRecord.tooMany(outcome.message)
      const without = await refusedRecord.setAside(taken, position, outcome.message, options)
      if ((await write(without, position, options)).type !== 'landed') return
      await apply(without, position, state, options)
      position = without.mark
      continue
    }
    // 5. Apply.
    await options.onStep('apply', 'before')
    await apply(batch, position, state, options)
    position = batch.mark
    doneAt = clock.now()
    options.onEvent({
      type: 'landed',
      batch,
      settled: outcome.settled,
      seconds: (doneAt - startedAt) / 1_000,
    })
    await options.onStep('apply', 'after')
    refusedInARow = 0
    maxRecords = Math.min(maxRecords * 2, options.limits.maxRecords)
  }
}

function take(position: MarkPosition, doneAt: number, maxRecords: number, options: PartitionOptions) {
  const { log, clock, signal, limits, context } = options
  const { topic, partition } = context
  return takeRecords(position.last, doneAt, { ...limits, maxRecords, log, topic, partition, clock, signal })
}

async function compute(
  taken: TakenBatch,
  position: MarkPosition,
  state: OrderState,
  { context }: PartitionOptions,
): Promise<ComputedBatch> {
  if (state.mark !== position.last)
    throw new Error(`the state stands at ${state.mark}, the table at ${position.last}`)
  const parsed = parseBatch(taken, context)
  return computeBatch(parsed, await state.rows(parsed.keys), position, context)
}

function write(
  batch: ComputedBatch,
  position: MarkPosition,
  options: PartitionOptions,
): Promise<WriteOutcome> {
  const { context, clock, signal, onStep, onEvent } = options
  const onWaiting = (why: string) => onEvent({ type: 'waiting', why })
  return writeBatch(batch, position, { scope: scopeOf(options), context, clock, signal, onWaiting, onStep })
}

/** State first; then what others are told. All of it may be lost in a crash: the mark is what counts. */
async function apply(
  batch: ComputedBatch,
  from: MarkPosition,
  state: OrderState,
  { log, context, clock }: PartitionOptions,
): Promise<void> {
  state.apply(batch.after, from.last, batch.last)
  await sendRereads(log, batch.rereads)
  await announceBatch(log, batch, context, clock.now())
  await log.commit(groupOf(context.run), context.topic, context.partition, batch.last + 1)
}

/** Its committed offsets are for lag tools only. */
export function groupOf(run: string): string {
  return `orders-${run}`
}

function scopeOf({ warehouse, database, context }: PartitionOptions) {
  return { warehouse, database, topic: context.topic, partition: context.partition }
}
