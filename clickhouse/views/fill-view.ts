/** Fills a newborn view with the rows that were there at its birth, chunk by chunk, while batches go on. */
import { RevwallError } from '../../core/runtime/errors.ts'
import { auditSettings } from '../audit/audit-settings.ts'
import { quoted } from '../audit/list-audited-views.ts'
import type { AddViewOptions } from './add-view.ts'
import { type Chunk, chunkParams, keyBehind, overChunk } from './base-rows.ts'
import { readViewTable, type ViewTable } from './read-view-table.ts'
import { dropStaging, makeStaging, moveStaged, stagingOf } from './staging.ts'
import { fenced, isFenced, stepGuardSql, type ViewStep, writeStep } from './view-steps.ts'

/** Rows of order_changes in a chunk: about a second of work and some ten megabytes. */
export const CHUNK_ROWS = 200_000
const CHUNK_SECONDS = 300
const MAX_ATTEMPTS = 5
const RETRY_MS = 500

/** Goes on from `at` (flowing, staged or moved) to the step `moved` of the last chunk. Throws VIEW_FENCED. */
export async function fillView(options: AddViewOptions, at: ViewStep): Promise<ViewStep> {
  const { warehouse, database, name } = options
  const view = await readViewTable(warehouse, database, name)
  await makeStaging(warehouse, database, name, at.attempt)
  let step = at
  while (!(step.step === 'moved' && step.isLast)) {
    if (step.step !== 'staged') step = await stageNext(options, view, step)
    await options.onStep?.('staged')
    await moveStaged(warehouse, database, name, step.attempt)
    await options.onStep?.('moving')
    step = await nextStep(options, step, { step: 'moved' })
    await options.onStep?.('moved')
  }
  await dropStaging(warehouse, database, name)
  return step
}

async function stageNext(options: AddViewOptions, view: ViewTable, step: ViewStep): Promise<ViewStep> {
  const { warehouse, database, chunkRows = CHUNK_ROWS } = options
  const to = await keyBehind(warehouse, database, step.upTo, chunkRows)
  await stage(options, view, step, { marks: step.marks, from: step.upTo, to })
  return nextStep(options, step, { step: 'staged', upTo: to ?? step.upTo, isLast: to === undefined })
}

/** The same step with something changed, as the next row. */
export function nextStep(
  options: AddViewOptions,
  { seq, ...step }: ViewStep,
  change: Partial<ViewStep>,
): Promise<ViewStep> {
  return writeStep(options, seq, { ...step, barrierMs: 0, ...change })
}

/** Until it is known to be there once: after any other answer than yes the table is emptied and filled again. */
async function stage(options: AddViewOptions, view: ViewTable, step: ViewStep, chunk: Chunk): Promise<void> {
  const { warehouse, database, name, clock } = options
  const staging = `${database}.${stagingOf(name, step.attempt)}`
  const queryId = `${fillIds(options)}${step.attempt}`
  for (let attempt = 1; ; attempt++) {
    try {
      await endFilling(options, queryId)
      await warehouse.command(`TRUNCATE TABLE ${staging}`)
      const began = options.onStep?.('staging')
      await warehouse.command(stageSql(options, view, staging, chunk), {
        queryId,
        params: { name, seq: step.seq, ...chunkParams(chunk) },
        settings: { ...auditSettings(CHUNK_SECONDS), ...INSERT_SETTINGS },
      })
      return await began
    } catch (error) {
      if (isFenced(error)) throw fenced(name)
      if (attempt === MAX_ATTEMPTS || !(error instanceof RevwallError)) throw error
      await clock.sleep(RETRY_MS * attempt)
    }
  }
}

const INSERT_SETTINGS = {
  async_insert: 0,
  insert_deduplicate: 0,
  max_insert_threads: 1,
  max_partitions_per_insert_block: 0,
} as const

function stageSql({ database }: AddViewOptions, view: ViewTable, staging: string, chunk: Chunk): string {
  const columns = view.columns.map(quoted).join(', ')
  return `INSERT INTO ${staging} (${columns})
    SELECT ${columns} FROM (${overChunk(view.select, database, chunk)}) WHERE ${stepGuardSql(database)}`
}

/** Not `<run>:…`, as batches and repairs have it: a barrier needs not wait for what touches neither base nor live views. */
export const fillIds = ({ run, name }: Pick<AddViewOptions, 'run' | 'name'>) => `fill:${run}:${name}:`

/** Ends the queries of fillings whose client is gone. */
export async function endFilling({ warehouse }: AddViewOptions, prefix: string): Promise<void> {
  const sql = 'KILL QUERY WHERE startsWith(query_id, {prefix:String}) SYNC'
  await warehouse.command(sql, { params: { prefix } })
}
