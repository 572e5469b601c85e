/** Opens and drops runs, and moves the pointer. */
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { readRuns } from './read-runs.ts'
import type { Run } from './run.ts'

const SETTINGS = { async_insert: 0, insert_deduplicate: 0 } as const

/** From here on processors fill it. Its tables and opening marks have to be there. */
export function recordRun(
  warehouse: Warehouse,
  { run, database }: Run,
  state: 'open' | 'dropped',
  code: string,
  control = 'revwall',
): Promise<void> {
  return warehouse.command(
    `INSERT INTO ${control}.runs (run, state, database, code, at)
     SELECT {run:String}, {state:String}, {database:String}, {code:String}, now64(3)`,
    { params: { run, database, state, code }, settings: SETTINGS },
  )
}

/**
 * Moves the pointer in one row. A compare-and-set on the last switch: of two at once one is refused. Throws RUN_MOVED.
 */
export async function showRun(
  warehouse: Warehouse,
  { run, database }: Run,
  control = 'revwall',
): Promise<void> {
  const { switches } = await readRuns(warehouse, control)
  try {
    await warehouse.command(
      `INSERT INTO ${control}.shown_runs (seq, run, database, at)
       SELECT {switches:UInt32} + 1, {run:String}, {database:String}, now64(3)
       WHERE throwIf((SELECT max(seq) FROM ${control}.shown_runs) != {switches:UInt32}, 'another switch') = 0`,
      { queryId: 'runs:switch', params: { run, database, switches }, settings: SETTINGS },
    )
  } catch (cause) {
    // An answer may be lost after the row has landed.
    const now = await readRuns(warehouse, control)
    if (now.switches === switches + 1 && now.shown.run === run) return
    if (now.switches === switches && !errorMessage(cause).includes('another switch')) throw cause
    throw new RevwallError('RUN_MOVED', `Somebody else switched to ${now.shown.run} at this moment.`, {
      cause,
    })
  }
}
