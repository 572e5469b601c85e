/** Takes away a view that nobody reads any more. */
import { RevwallError } from '../../core/runtime/errors.ts'
import { type AuditContext, withBarrier } from '../audit/barrier.ts'
import { readViewTable } from './read-view-table.ts'
import { readMoves, readPointers } from './view-pointers.ts'
import { FIRST_KEY, readStep, writeStep } from './view-steps.ts'
import { whileBusy } from './while-busy.ts'

export interface DropViewOptions extends AuditContext {
  name: string
  /** Since the last move of a pointer: by then nobody reads what it pointed to before. */
  graceMs?: number
}

/** Pointers are read every second, and a query of the wall lasts for ten at the most. */
export const GRACE_MS = 15_000
const BARRIER_MS = 10_000

/** Throws VIEW_MISSING, VIEW_IN_USE (a name points to it), VIEW_IN_GRACE. */
export async function dropView(options: DropViewOptions): Promise<void> {
  const { warehouse, database, name } = options
  await readViewTable(warehouse, database, name)
  await requireUnused(options)
  const before = await readStep(options)
  // Behind a barrier, so that no insert is at the view that goes.
  const owner = `views: end of ${name}`
  await whileBusy(options.clock, () =>
    withBarrier({ ...options, owner, expiresAfterMs: BARRIER_MS }, () =>
      warehouse.command(`DROP VIEW IF EXISTS ${database}.${name}_mv SYNC`),
    ),
  )
  await warehouse.command(`DROP TABLE IF EXISTS ${database}.${name} SYNC`)
  await writeStep(options, before?.seq ?? 0, { ...(before ?? NEVER_FILLED), step: 'dropped' })
}

async function requireUnused(options: DropViewOptions): Promise<void> {
  const { name, graceMs = GRACE_MS } = options
  for (const [logical, table] of await readPointers(options))
    if (table === name)
      throw new RevwallError(
        'VIEW_IN_USE',
        `${name} is read as ${logical}; move that name to another view first.`,
      )
  const youngest = Math.min(...(await readMoves(options)).map(({ ageMs }) => ageMs))
  if (youngest < graceMs)
    throw new RevwallError(
      'VIEW_IN_GRACE',
      `A name has just been moved, and ${name} may still be read for ${Math.ceil((graceMs - youngest) / 1_000)} s; try again then.`,
    )
}

const NEVER_FILLED = {
  attempt: '',
  definition: '',
  marks: [],
  upTo: FIRST_KEY,
  isLast: true,
  serverStart: 0,
  barrierMs: 0,
}
