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
import { setAside, tooManyRefused } from './refused-record.ts'
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
  | { type: 'landed'; batch: ComputedBatch; settled: boolean; why: string; seconds: number }
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

/** What the steps of a partition hand on to the next batch. */
interface Loop {
  position: MarkPosition
  state: OrderState
  /** Wall clock when the batch before was done. */
  doneAt: number
  /** Smaller than the limit while a record that ClickHouse refuses is looked for. */
  maxRecords: number
  refusedInARow: number
}

/** Goes on from a mark until the signal or another writer. */
async function runFrom(position: MarkPosition, state: OrderState, options: PartitionOptions): Promise<void> {
  const loop: Loop = { position, state, doneAt: 0, maxRecords: options.limits.maxRecords, refusedInARow: 0 }
  while (!options.signal.aborted) {
    const outcome = await nextBatch(loop, options)
    if (outcome === 'fenced') options.onEvent({ type: 'fenced' })
    if (outcome !== 'go on') return
  }
}

type Outcome = 'go on' | 'fenced' | 'stopped'

async function nextBatch(loop: Loop, options: PartitionOptions): Promise<Outcome> {
  // 1. Take.
  const taken = await hooked('take', options, () => take(loop, options))
  if (taken === undefined) return 'stopped'
  // 2. Compute. What a batch says to others besides its rows goes out before the mark says that its records are done:
  // after a crash it is said once more, and never not at all.
  const batch = await hooked('compute', options, () => compute(taken, loop, options))
  await sendDeadLetters(options.log, batch.deadLetters)
  await sendRereads(options.log, batch.rereads)
  // 3 and 4. Insert, and settle what is not acknowledged.
  const outcome = await write(batch, loop, options)
  if (outcome.type === 'refused') return refused(taken, outcome.message, loop, options)
  // A mark alone says nothing of rows: ClickHouse may still refuse every one of them.
  if (batch.rows.length > 1) loop.refusedInARow = 0
  loop.maxRecords = Math.min(loop.maxRecords * 2, options.limits.maxRecords)
  return land(batch, outcome, loop, options)
}

/** Halved until the one record is found; that one is set aside, and the batch is its mark alone. */
async function refused(
  taken: TakenBatch,
  message: string,
  loop: Loop,
  options: PartitionOptions,
): Promise<Outcome> {
  if (taken.records.length > 1) {
    loop.maxRecords = Math.ceil(taken.records.length / 2)
    return 'go on'
  }
  loop.refusedInARow += 1
  if (loop.refusedInARow > MAX_REFUSED_IN_A_ROW) throw tooManyRefused(message)
  const without = setAside(taken, loop.position, message, options.context)
  await sendDeadLetters(options.log, without.deadLetters)
  return land(without, await write(without, loop, options), loop, options)
}

async function land(
  batch: ComputedBatch,
  outcome: Written,
  loop: Loop,
  options: PartitionOptions,
): Promise<Outcome> {
  if (outcome.type === 'stopped' || outcome.type === 'fenced') return outcome.type
  // The mark alone was refused: nothing is wrong with any record.
  if (outcome.type === 'refused') throw tooManyRefused(outcome.message)
  // 5. Apply.
  await hooked('apply', options, () => apply(batch, loop, options))
  const { settled, why, seconds } = outcome
  if (settled) options.logger.warn('a batch landed without its acknowledgement', { last: batch.last, why })
  options.onEvent({ type: 'landed', batch, settled, why, seconds })
  loop.doneAt = options.clock.now()
  return 'go on'
}

async function hooked<T>(step: Step, { onStep }: PartitionOptions, work: () => Promise<T>): Promise<T> {
  await onStep(step, 'before')
  const result = await work()
  await onStep(step, 'after')
  return result
}

function take(
  { position, doneAt, maxRecords }: Loop,
  options: PartitionOptions,
): Promise<TakenBatch | undefined> {
  const { log, clock, signal, limits, context } = options
  const { topic, partition } = context
  return takeRecords(position.last, doneAt, { ...limits, maxRecords, log, topic, partition, clock, signal })
}

async function compute(
  taken: TakenBatch,
  { position, state }: Loop,
  { context }: PartitionOptions,
): Promise<ComputedBatch> {
  if (state.mark !== position.last)
    throw new Error(`the state stands at ${state.mark}, the table at ${position.last}`)
  const parsed = parseBatch(taken, context)
  return computeBatch(parsed, await state.rows(parsed.keys), position, context)
}

type Written = WriteOutcome & { seconds: number }

async function write(batch: ComputedBatch, { position }: Loop, options: PartitionOptions): Promise<Written> {
  const { context, clock, signal, onStep, onEvent } = options
  const startedAt = clock.now()
  const onWaiting = (why: string) => onEvent({ type: 'waiting', why })
  const outcome = await writeBatch(batch, position, {
    scope: scopeOf(options),
    context,
    clock,
    signal,
    onWaiting,
    onStep,
  })
  return { ...outcome, seconds: (clock.now() - startedAt) / 1_000 }
}

/** State first; then what others are told. All of it may be lost in a crash: the mark is what counts. */
async function apply(
  batch: ComputedBatch,
  loop: Loop,
  { log, context, clock }: PartitionOptions,
): Promise<void> {
  loop.state.apply(batch.after, loop.position.last, batch.last)
  loop.position = batch.mark
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
