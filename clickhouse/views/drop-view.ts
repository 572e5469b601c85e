/** Takes away a view that nobody reads any more. */
import { RevwallError } from '../../core/runtime/errors.ts'
import { type AuditContext, withBarrier } from '../audit/barrier.ts'
import { overShards, shardsOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'
import { viewMissing } from './read-view-table.ts'
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

/**
 * Of several servers at each; whatever it is killed behind, the next one goes on. Throws VIEW_MISSING, VIEW_IN_USE (a name
 * points to it), VIEW_IN_GRACE.
 */
export async function dropView(options: DropViewOptions): Promise<void> {
  const { warehouse, database, name } = options
  const there = await serversWith(options)
  // By the first one's pointers: nobody reads by those of the others.
  await requireUnused(options)
  if (warehouse.shards) await warehouse.command(`DROP TABLE IF EXISTS ${overShards(database)}.${name} SYNC`)
  for (const server of there) await dropAt({ ...options, warehouse: server })
}

/** Those that have it, or what a drop that was broken off has left of it. */
async function serversWith({ warehouse, database, name }: DropViewOptions): Promise<Warehouse[]> {
  const there: Warehouse[] = []
  for (const server of shardsOf(warehouse)) if (await hasView(server, database, name)) there.push(server)
  if (there.length === 0) throw viewMissing(database, name)
  return there
}

async function hasView(warehouse: Warehouse, database: string, name: string): Promise<boolean> {
  const [row] = await warehouse.query<{ tables: string; views: string }>(
    `SELECT countIf(name = {name:String}) AS tables, countIf(name = concat({name:String}, '_mv')) AS views
     FROM system.tables WHERE database = {database:String}`,
    { params: { database, name } },
  )
  if (Number(row!.views) > 0) return Number(row!.tables) > 0
  return Number(row!.tables) > 0 && (await readStep({ warehouse, database, name }))?.step === 'dropped'
}

/**
 * 1. The step, so that what is left is known for remains. 2. What fills it, behind a barrier: no insert is at the view that
 * goes. 3. Its table.
 */
async function dropAt(options: DropViewOptions): Promise<void> {
  const { warehouse, database, name } = options
  const before = await readStep(options)
  if (before?.step !== 'dropped')
    await writeStep(options, before?.seq ?? 0, { ...(before ?? NEVER_FILLED), step: 'dropped' })
  const owner = `views: end of ${name}`
  await whileBusy(options.clock, () =>
    withBarrier({ ...options, owner, expiresAfterMs: BARRIER_MS }, () =>
      warehouse.command(`DROP VIEW IF EXISTS ${database}.${name}_mv SYNC`),
    ),
  )
  await warehouse.command(`DROP TABLE IF EXISTS ${database}.${name} SYNC`)
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
