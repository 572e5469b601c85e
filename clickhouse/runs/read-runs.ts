/** Which runs there are, and which one is shown. */
import { errorCode } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { FIRST_RUN, numberOf, type Run } from './run.ts'

export interface OpenRun extends Run {
  /** Version of the code that opened it; empty for the first one. */
  code: string
}

export interface Runs {
  /** Oldest first. */
  open: OpenRun[]
  shown: Run
  /** Number of the last switch: 0 before the first. */
  switches: number
  /** Of all that ever were: a name is never used again. */
  highest: number
}

/** On a server without these tables there is the first run alone. */
export async function readRuns(warehouse: Warehouse, control = 'revwall'): Promise<Runs> {
  try {
    const [rows, [shown]] = await Promise.all([readRows(warehouse, control), readShown(warehouse, control)])
    const open = rows.filter(({ state }) => state === 'open').map(({ state: _, ...run }) => run)
    if (!rows.some(({ run }) => run === FIRST_RUN.run)) open.push({ ...FIRST_RUN, code: '' })
    open.sort((a, b) => numberOf(a) - numberOf(b))
    const highest = Math.max(numberOf(FIRST_RUN), ...rows.map(numberOf))
    if (shown === undefined) return { open, shown: FIRST_RUN, switches: 0, highest }
    return { open, shown: { run: shown.run, database: shown.database }, switches: shown.seq, highest }
  } catch (error) {
    if (!NOT_THERE.has(errorCode(error) ?? '')) throw error
    return { open: [{ ...FIRST_RUN, code: '' }], shown: FIRST_RUN, switches: 0, highest: 1 }
  }
}

/** UNKNOWN_TABLE, UNKNOWN_DATABASE. */
const NOT_THERE: ReadonlySet<string> = new Set(['CLICKHOUSE_60', 'CLICKHOUSE_81'])

function readRows(warehouse: Warehouse, control: string): Promise<(OpenRun & { state: string })[]> {
  return warehouse.query(
    `SELECT run, argMax(state, at) AS state, any(database) AS database, argMin(code, at) AS code
     FROM ${control}.runs GROUP BY run`,
  )
}

function readShown(warehouse: Warehouse, control: string): Promise<(Run & { seq: number })[]> {
  return warehouse.query(`SELECT seq, run, database FROM ${control}.shown_runs ORDER BY seq DESC LIMIT 1`)
}
