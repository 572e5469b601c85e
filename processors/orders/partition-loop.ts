/**
 * One partition, batch by batch, by the protocol of EXACTNESS.md: take, compute, insert, settle, apply. The order of
 * the steps is the correctness; the numbers are those of that page.
 */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { announceBatch, sendDeadLetters, sendMisplaced, sendRereads } from './announce.ts'
import type { BatchContext, ComputedBatch, MarkPosition, TakenBatch } from './batch.ts'
import type { ComputePool, PartitionComputer } from './compute-pool.ts'
import { growthIn } from './growth.ts'
import { passGrowth } from './pass-growth.ts'
import { recoverPartition } from './recover-partition.ts'
import { tooManyRefused } from './refused-record.ts'
import { takeAgain, takeAhead, takeRecords } from './take-records.ts'
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
  pool: ComputePool
  limits: { maxRecords: number; maxBytes: number; minIntervalMs: number; progressIntervalMs: number }
  onStep: StepHook
  /** For metrics, health and the audit that a settled insert asks for. */
  onEvent: (event: PartitionEvent) => void
}

export type PartitionEvent =
  /** Batches are computed from here on. */
  | { type: 'recovered'; mark: number; serverStart: number }
  /** Its orders are known, so that no new one is asked for. */
  | { type: 'loaded'; orders: number }
  | {
      type: 'landed'
      batch: ComputedBatch
      settled: boolean
      why: string
      seconds: number
      appended: TakenBatch['appended']
    }
  | { type: 'waiting'; code?: string; why: string }
  | { type: 'fenced' }
  /**
   * An insert behind this offset ended for which no writer answers: its rows are there, its views may lack them. Undefined:
   * of which days was not known yet when this one was told to stop.
   */
  | { type: 'ended'; after: number; days: readonly string[] | undefined }
  /** Nothing more is taken until a person has acted. */
  | { type: 'halted'; code: string; why: string }
  /** Another process has it from now on, or this one ends. */
  | { type: 'left' }

/**
 * The batches of a backlog: an insert costs 100 ms or more whatever its size. Each partition has up to three of them in
 * memory, and a batch may be no larger than what the ring of states at hand has to spare (order-state.ts).
 */
export const BATCH_LIMITS = {
  maxRecords: 75_000,
  maxBytes: 32 * 2 ** 20,
  minIntervalMs: 50,
  progressIntervalMs: 1_000,
} as const

/** Records that ClickHouse may refuse one after the other before this is taken for a fault of the table, not of them. */
const MAX_REFUSED_IN_A_ROW = 10

/** Of a batch while the state is loaded: each new order of it is asked for, too, and that must not take long. */
const LOADING_RECORDS = 1_000

/** Runs until the signal; rejects where going on would be wrong (see recoverPartition), for a person to act. */
export async function runPartition(options: PartitionOptions): Promise<void> {
  while (!options.signal.aborted) {
    const recovered = await recover(options)
    if (recovered === undefined) return
    const [position, computer] = recovered
    try {
      await runFrom(position, computer, options)
    } finally {
      await computer.close()
    }
  }
}

/** Undefined when told to stop. */
async function recover(options: PartitionOptions): Promise<[MarkPosition, PartitionComputer] | undefined> {
  const scope = scopeOf(options)
  const { context, clock, signal } = options
  const mark = await recoverPartition(scope, options.log)
  const onWaiting = (why: string) => options.onEvent({ type: 'waiting', why })
  if (!(await passGrowth(mark, { scope, context, clock, signal, onWaiting }))) return undefined
  const grownTo = growthIn(mark.progress.values())?.to
  const computer = await options.pool.open({ ...scope, grownTo }, context, mark.last)
  options.onEvent({ type: 'recovered', mark: mark.last, serverStart: mark.serverStart })
  computer.whole().then(
    (isWhole) => isWhole && options.onEvent({ type: 'loaded', orders: computer.orders }),
    // The next batch says so.
    () => {},
  )
  return [mark, computer]
}

/** What the steps of a partition hand on to the next batch. */
interface Loop {
  position: MarkPosition
  computer: PartitionComputer
  /** Wall clock when the batch before was done. */
  doneAt: number
  /** Smaller than the limit while a record that ClickHouse refuses is looked for. */
  maxRecords: number
  refusedInARow: number
  /** The batch behind the one that is being written, where there is that much to do; `drop`: it is not waited for any more. */
  ahead: { batch: Promise<Ahead>; drop: () => void } | undefined
  /** The records behind those that are being computed, where they fill a batch. */
  taken: { after: number; batch: Promise<TakenBatch | undefined> } | undefined
}

interface Ahead {
  taken: TakenBatch
  batch: ComputedBatch
}

/** Goes on from a mark until the signal or another writer. */
async function runFrom(
  position: MarkPosition,
  computer: PartitionComputer,
  options: PartitionOptions,
): Promise<void> {
  const { maxRecords } = options.limits
  const loop: Loop = {
    position,
    computer,
    doneAt: 0,
    maxRecords,
    refusedInARow: 0,
    ahead: undefined,
    taken: undefined,
  }
  try {
    while (!options.signal.aborted) {
      const outcome = await nextBatch(loop, options)
      if (outcome === 'fenced') options.onEvent({ type: 'fenced' })
      if (outcome !== 'go on') return
    }
  } finally {
    await dropAhead(loop)
  }
}

/** `grown`: the partition begins again behind a growth of the topic, with other keys. */
type Outcome = 'go on' | 'fenced' | 'stopped' | 'grown'

async function nextBatch(loop: Loop, options: PartitionOptions): Promise<Outcome> {
  const next = (await computedAhead(loop)) ?? (await takeAndCompute(loop.position, loop, options))
  if (next === undefined) return 'stopped'
  const { taken, batch } = next
  // What a batch says to others besides its rows goes out before the mark says that its records are done: after a crash
  // it is said once more, and never not at all.
  await sendDeadLetters(options.log, batch.deadLetters)
  await sendRereads(options.log, batch.rereads)
  await sendMisplaced(options.log, options.context.topic, options.context.partition, batch.misplaced)
  // While it is written the next one is computed, where that is a full one too: a small one is taken as late as can be,
  // so that it has all that came meanwhile.
  if (taken.isFull) {
    loop.ahead = computeAhead(batch.mark, loop, options)
  }
  // 3 and 4. Insert, and settle what is not acknowledged.
  const outcome = await write(batch, loop, options)
  if (outcome.type === 'refused') return refused(taken, outcome.message, loop, options)
  // A mark alone says nothing of rows: ClickHouse may still refuse every one of them.
  if (batch.rows > 1) loop.refusedInARow = 0
  loop.maxRecords = Math.min(loop.maxRecords * 2, options.limits.maxRecords)
  return land(next, outcome, loop, options)
}

/** 1. Take. 2. Compute. Undefined when told to stop. */
async function takeAndCompute(
  from: MarkPosition,
  loop: Loop,
  options: PartitionOptions,
): Promise<Ahead | undefined> {
  const taken = await hooked('take', options, () => take(from, loop, options))
  if (taken === undefined) return undefined
  const computing = hooked('compute', options, () => loop.computer.compute(taken, from))
  if (taken.isFull) {
    // An error comes again when it is taken in its turn.
    const batch = takeAheadOf(taken.last, loop, options).catch(() => undefined)
    loop.taken = { after: taken.last, batch }
  }
  return { taken, batch: await computing }
}

/** A reason of its own: without one each abort makes an error, stack and all. */
const NOT_WANTED = 'not wanted any more'

function computeAhead(from: MarkPosition, loop: Loop, options: PartitionOptions): Loop['ahead'] {
  const { signal } = options
  const stop = new AbortController()
  const drop = () => {
    signal.removeEventListener('abort', drop)
    stop.abort(NOT_WANTED)
  }
  signal.addEventListener('abort', drop)
  if (signal.aborted) drop()
  const batch = takeOrStop(from, loop, { ...options, signal: stop.signal })
  // Looked at in its turn.
  batch.catch(() => {})
  return { batch, drop }
}

async function takeOrStop(from: MarkPosition, loop: Loop, options: PartitionOptions): Promise<Ahead> {
  const ahead = await takeAndCompute(from, loop, options)
  if (ahead === undefined) throw new RevwallError('COMPUTE_STOPPED', 'told to stop')
  return ahead
}

/** The batch that was computed ahead. Should that have failed, it is tried once more in its turn, and fails then. */
async function computedAhead(loop: Loop): Promise<Ahead | undefined> {
  const { ahead } = loop
  loop.ahead = undefined
  try {
    return await ahead?.batch
  } catch (error) {
    await loop.computer.rollBack()
    if (!(error instanceof RevwallError)) throw error
    return undefined
  } finally {
    ahead?.drop()
  }
}

/** What was computed on a batch that did not land is worth nothing. */
async function dropAhead(loop: Loop): Promise<void> {
  const { ahead } = loop
  loop.ahead = undefined
  // It may still wait for records that never come.
  ahead?.drop()
  // Its error is nobody's any more.
  await ahead?.batch.catch(() => {})
  await loop.computer.rollBack()
}

/** Halved until the one record is found; that one is set aside, and the batch is its mark alone. */
async function refused(
  taken: TakenBatch,
  message: string,
  loop: Loop,
  options: PartitionOptions,
): Promise<Outcome> {
  await dropAhead(loop)
  if (taken.count > 1) {
    loop.maxRecords = Math.ceil(taken.count / 2)
    return 'go on'
  }
  loop.refusedInARow += 1
  if (loop.refusedInARow > MAX_REFUSED_IN_A_ROW) throw tooManyRefused(message)
  // The worker has its bytes: they are read once more.
  const again = await takeAgain(taken, takeOptions(loop, options))
  const without = await loop.computer.compute(again, loop.position, message)
  await sendDeadLetters(options.log, without.deadLetters)
  return land({ taken: again, batch: without }, await write(without, loop, options), loop, options)
}

async function land(
  { taken: { appended }, batch }: Ahead,
  outcome: Written,
  loop: Loop,
  options: PartitionOptions,
): Promise<Outcome> {
  if (outcome.type === 'stopped' || outcome.type === 'fenced') return outcome.type
  // The mark alone was refused: nothing is wrong with any record.
  if (outcome.type === 'refused') throw tooManyRefused(outcome.message)
  // 5. Apply.
  await hooked('apply', options, () => apply(batch, appended, loop, options))
  const { settled, why, seconds } = outcome
  if (settled) options.logger.warn('a batch landed without its acknowledgement', { last: batch.last, why })
  options.onEvent({ type: 'landed', batch, settled, why, seconds, appended })
  loop.doneAt = options.clock.now()
  return batch.hasGrown ? 'grown' : 'go on'
}

async function hooked<T>(step: Step, { onStep }: PartitionOptions, work: () => Promise<T>): Promise<T> {
  await onStep(step, 'before')
  const result = await work()
  await onStep(step, 'after')
  return result
}

async function take(
  from: MarkPosition,
  loop: Loop,
  options: PartitionOptions,
): Promise<TakenBatch | undefined> {
  const { taken } = loop
  loop.taken = undefined
  const ready = taken?.after === from.last ? await taken.batch : undefined
  // Fewer may be wanted by now, because one of them is refused.
  if (ready !== undefined && ready.count <= loop.maxRecords) return ready
  return takeRecords(from.last, loop.doneAt, takeOptions(loop, options))
}

/** When the worker has been given its batch. */
async function takeAheadOf(after: number, loop: Loop, options: PartitionOptions) {
  await new Promise((resolve) => setImmediate(resolve))
  return takeAhead(after, takeOptions(loop, options))
}

function takeOptions({ maxRecords: most, computer }: Loop, options: PartitionOptions) {
  const { log, clock, signal, limits, context } = options
  const { topic, partition } = context
  const maxRecords = computer.isLoading ? Math.min(most, LOADING_RECORDS) : most
  return { ...limits, maxRecords, log, topic, partition, clock, signal }
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
  const after = position.last
  if (outcome.type === 'fenced' && outcome.ended.length > 0) {
    options.logger.warn('an insert that nobody answers for is there; its days are audited', {
      after,
      days: outcome.ended.length,
    })
    onEvent({ type: 'ended', after, days: outcome.ended })
  }
  if (outcome.type === 'stopped' && outcome.hasEnded) onEvent({ type: 'ended', after, days: undefined })
  return { ...outcome, seconds: (clock.now() - startedAt) / 1_000 }
}

/** State first; then what others are told. All of it may be lost in a crash: the mark is what counts. */
async function apply(
  batch: ComputedBatch,
  { firstAt }: TakenBatch['appended'],
  loop: Loop,
  { log, context, clock }: PartitionOptions,
): Promise<void> {
  loop.position = batch.mark
  loop.computer.landed(batch.last)
  await announceBatch(log, batch, context, { now: clock.now(), appendedAt: firstAt })
  await log.commit(groupOf(context.run), context.topic, context.partition, batch.last + 1)
}

/** Its committed offsets are for lag tools only. */
export function groupOf(run: string): string {
  return `orders-${run}`
}

function scopeOf({ warehouse, database, context }: PartitionOptions) {
  return { warehouse, database, topic: context.topic, partition: context.partition }
}
