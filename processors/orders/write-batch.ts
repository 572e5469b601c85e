/**
 * Steps 3 and 4: insert as a compare-and-set, and settle whatever is not a plain acknowledgement. Resolves only when it
 * is known what became of the batch.
 */
import { readDaysBehind } from '../../clickhouse/audit/read-days-behind.ts'
import { BARRIER, batchQueryId, FENCED, guardedInsert } from '../../clickhouse/native/guarded-insert.ts'
import { shardOf } from '../../clickhouse/shards.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import type { BatchContext, ComputedBatch, MarkPosition } from './batch.ts'
import { type PartitionScope, readLastMark } from './read-position.ts'

export type WriteOutcome =
  /**
   * It is in the table. `settled`: not known from the acknowledgement but from the mark, so its buckets need an audit
   * (a view that throws does not keep the base table from its rows); `why` is what came in place of the acknowledgement.
   */
  | { type: 'landed'; settled: boolean; why: string }
  /**
   * Another writer moved the mark: begin again from the table. `ended`: an insert behind which it went on ended and nobody
   * answers for it, another's that hung or one's own without acknowledgement, so that views may lack what the table has;
   * these local days of its rows need an audit.
   */
  | { type: 'fenced'; ended: readonly string[] }
  /** ClickHouse refuses the content, and nothing landed. */
  | { type: 'refused'; message: string }
  /** Told to stop before it was known; the next start finds out. `hasEnded`: an insert for which nobody answers, as above. */
  | { type: 'stopped'; hasEnded: boolean }

export interface WriteOptions {
  scope: PartitionScope
  context: BatchContext
  clock: Clock
  signal: AbortSignal
  /** Between the attempts: what it is waiting for, for people to see. */
  onWaiting: (why: string) => void
  /** For tests that end a process or a server at this very place. */
  onStep: (step: 'insert' | 'settle', phase: 'before' | 'after') => void | Promise<void>
}

/** Waiting between attempts: short at first, never longer than 2 s. */
const RETRY_MIN_MS = 50
const RETRY_MAX_MS = 2_000
/** A query of ours that still runs after this is killed: its client is gone. */
const KILL_AFTER_MS = 5_000

export async function writeBatch(
  batch: ComputedBatch,
  position: MarkPosition,
  options: WriteOptions,
): Promise<WriteOutcome> {
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    const failure = await tryInsert(batch, position, options)
    if (failure === undefined) return { type: 'landed', settled: false, why: '' }
    await options.onStep('settle', 'before')
    const outcome = await settle(batch, position, isInDoubt(failure), options)
    await options.onStep('settle', 'after')
    if (outcome === 'landed') return { type: 'landed', settled: true, why: errorMessage(failure) }
    if (outcome !== 'nothing landed') return outcome
    if (isRefusal(failure)) return { type: 'refused', message: errorMessage(failure) }
    if (!isBarrier(failure)) options.onWaiting(errorMessage(failure))
    await options.clock.sleep(Math.min(RETRY_MIN_MS * 2 ** attempt, RETRY_MAX_MS), options.signal)
  }
  return { type: 'stopped', hasEnded: false }
}

/** Undefined is the acknowledgement; everything else is uncertain. */
async function tryInsert(
  batch: ComputedBatch,
  position: MarkPosition,
  options: WriteOptions,
): Promise<unknown> {
  const { scope, context } = options
  const { sql, body, ...rest } = guardedInsert({
    database: scope.database,
    run: context.run,
    topic: context.topic,
    partition: context.partition,
    lastMarkFirst: position.first,
    mark: position.last,
    body: batch.body,
  })
  await options.onStep('insert', 'before')
  try {
    await shardOf(scope.warehouse, context.partition).insert(sql, body, rest)
    await options.onStep('insert', 'after')
    return undefined
  } catch (error) {
    return error
  }
}

/**
 * Finds out: first that nothing of this step runs any more, then what the mark says. Never guesses. `inDoubt`: one's own insert
 * may have come half-way.
 */
async function settle(
  batch: ComputedBatch,
  position: MarkPosition,
  inDoubt: boolean,
  options: WriteOptions,
): Promise<'nothing landed' | 'landed' | Extract<WriteOutcome, { type: 'fenced' | 'stopped' }>> {
  let hasEnded = inDoubt
  const onEnding = () => {
    hasEnded = true
  }
  for (let attempt = 0; !options.signal.aborted; attempt++) {
    try {
      await waitUntilIdle(position, options, onEnding)
      const mark = await readLastMark(options.scope, position.first)
      if (mark?.last === position.last) return 'nothing landed'
      if (mark?.first === batch.first && mark.takenAt === batch.takenAt && mark.hash === batch.hash)
        return 'landed'
      // Whoever began it may be dead: nobody but us knows that it was ended.
      if (!hasEnded) return { type: 'fenced', ended: [] }
      const { warehouse, database, topic, partition } = options.scope
      const behind = { topic, partition, offset: position.last }
      return { type: 'fenced', ended: await readDaysBehind(warehouse, database, behind) }
    } catch (error) {
      options.onWaiting(errorMessage(error))
      await options.clock.sleep(Math.min(RETRY_MIN_MS * 2 ** attempt, RETRY_MAX_MS), options.signal)
    }
  }
  return { type: 'stopped', hasEnded }
}

async function waitUntilIdle(
  position: MarkPosition,
  { scope, context, clock, signal }: WriteOptions,
  onEnding: () => void,
): Promise<void> {
  const id = batchQueryId(context.run, context.topic, context.partition, position.last)
  const since = clock.now()
  const server = shardOf(scope.warehouse, context.partition)
  for (;;) {
    const [row] = await server.query<{ running: string }>(
      'SELECT count() AS running FROM system.processes WHERE query_id = {id:String}',
      { params: { id } },
    )
    if (Number(row!.running) === 0 || signal.aborted) return
    if (clock.now() - since > KILL_AFTER_MS) {
      onEnding()
      await server.command('KILL QUERY WHERE query_id = {id:String} SYNC', { params: { id } })
    }
    await clock.sleep(20, signal)
  }
}

const THROWN = 'CLICKHOUSE_395'

function isBarrier(error: unknown): boolean {
  return errorCode(error) === THROWN && thrownMessage(error) === BARRIER
}

/** Refused by the guard, which is asked before any row lands anywhere. */
function isGuarded(error: unknown): boolean {
  return errorCode(error) === THROWN && [FENCED, BARRIER].includes(thrownMessage(error))
}

/** Whoever holds the id of the step runs; this one was never begun. */
const SAME_ID_RUNS = 'CLICKHOUSE_216'

function isInDoubt(error: unknown): boolean {
  return !isGuarded(error) && errorCode(error) !== SAME_ID_RUNS
}

/** What `throwIf` said, without ClickHouse's words around it. */
function thrownMessage(error: unknown): string {
  const message = errorMessage(error)
  if (message.includes(`${FENCED}:`) || message.startsWith(FENCED)) return FENCED
  return message.includes(`${BARRIER}:`) || message.startsWith(BARRIER) ? BARRIER : message
}

/**
 * Errors of ClickHouse that are not about the rows: they pass, or a person must act, and no record may be set aside
 * for them. (Timeouts, too many queries or parts, memory, disk, network, cancelled, read-only, shutting down.)
 */
const NOT_ABOUT_CONTENT = new Set([
  159, 160, 164, 201, 202, 203, 209, 210, 216, 236, 241, 242, 243, 252, 279, 286, 319, 394, 425, 473, 499,
  516, 517, 598, 701, 734, 741, 745, 1000, 1001,
])

function isRefusal(error: unknown): boolean {
  const code = /^CLICKHOUSE_(\d+)$/.exec(errorCode(error) ?? '')?.[1]
  if (code === undefined || NOT_ABOUT_CONTENT.has(Number(code))) return false
  return !isGuarded(error)
}
