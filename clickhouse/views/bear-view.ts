/** The birth of a view: behind a barrier, empty, at a known mark vector. From there on new rows flow in by themselves. */
import { randomBytes } from 'node:crypto'
import { RevwallError } from '../../core/runtime/errors.ts'
import { type Barrier, withBarrier } from '../audit/barrier.ts'
import { type Mark, marksKey, readMarks } from '../audit/read-marks.ts'
import type { AddViewOptions } from './add-view.ts'
import { dropStaging } from './staging.ts'
import { FIRST_KEY, type ViewStep, writeStep } from './view-steps.ts'
import { whileBusy } from './while-busy.ts'

/** A few statements take tenths of a second; should the owner die in between, batches wait no longer than this. */
const BARRIER_MS = 10_000

export interface Birth {
  options: AddViewOptions
  definition: string
  serverStart: number
  /** The last step of an attempt before, 0 for none. */
  before: number
}

/**
 * Resolves with the step `flowing`.
 *
 * 1. The barrier: no batch is written. 2. `born`, with the marks: while nothing follows it nobody knows whether rows flow
 * in from exactly there, and the next attempt begins anew. 3. What an attempt before has left is taken away. 4. The
 * materialized view. 5. Only if the barrier held until now and the marks stood still, `flowing`.
 */
export async function bearView(birth: Birth): Promise<ViewStep> {
  const { options } = birth
  const { name, clock } = options
  const owner = `views: birth of ${name}`
  let id = ''
  await options.warehouse.command(options.createTable)
  const { seq, ...born } = await whileBusy(clock, () =>
    withBarrier({ ...options, owner, expiresAfterMs: BARRIER_MS }, (barrier) => {
      id = barrier.id
      return bear(birth, barrier)
    }),
  )
  return writeStep(options, seq, { ...born, step: 'flowing', barrierMs: await heldMs(options, id) })
}

async function bear(birth: Birth, barrier: Barrier): Promise<ViewStep> {
  const { options, before } = birth
  const marks = await readMarks(options.warehouse, options.database)
  // Refuses whoever else is at this view, and is refused if one was first: only then may anything be taken away.
  const step = await writeStep(options, before, stepOf(birth, marks))
  if (before > 0) await clear(options)
  await options.onStep?.('born')
  await options.warehouse.command(options.createView)
  await requireStill(barrier, options, marks)
  return step
}

function stepOf({ definition, serverStart }: Birth, marks: readonly Mark[]): Omit<ViewStep, 'seq'> {
  return {
    step: 'born',
    attempt: newAttempt(),
    definition,
    marks: marks.map(({ topic, partition, last }) => ({ topic, partition, last })),
    upTo: FIRST_KEY,
    isLast: false,
    serverStart,
    barrierMs: 0,
  }
}

export const newAttempt = () => randomBytes(4).toString('hex')

// Behind the barrier, so that no insert is at the view that goes.
async function clear({ warehouse, database, name }: AddViewOptions): Promise<void> {
  await warehouse.command(`DROP VIEW IF EXISTS ${database}.${name}_mv SYNC`)
  await warehouse.command(`TRUNCATE TABLE ${database}.${name}`)
  await dropStaging(warehouse, database, name)
}

/** By the server's clock: from its row of opening to that of closing. */
async function heldMs({ warehouse, database }: AddViewOptions, id: string): Promise<number> {
  const [row] = await warehouse.query<{ ms: string }>(
    `SELECT toUInt32(dateDiff('millisecond', minIf(at, state = 1), maxIf(at, state = -1))) AS ms
     FROM ${database}.barriers WHERE id = {id:String}`,
    { params: { id } },
  )
  return Number(row!.ms)
}

async function requireStill(
  barrier: Barrier,
  { warehouse, database, name }: AddViewOptions,
  marks: Mark[],
): Promise<void> {
  const now = await readMarks(warehouse, database)
  await barrier.requireHeld()
  if (marksKey(now) !== marksKey(marks))
    throw new RevwallError('BARRIER_IGNORED', `A batch was written during the birth of ${name}.`)
}
