/**
 * Adds a view to a system that runs (EXACTNESS.md, "Audit, repair, barriers, views"). Its name is new; rows that come
 * after its birth flow in, those from before are filled in, it is compared with the base, and then the pointer moves.
 *
 * It may be killed at any point and called again: what is known to be done is not done again. Only where nobody can know
 * (the birth was not finished, the server was started anew since) it begins with an empty table.
 */
import { createHash } from 'node:crypto'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { AuditContext } from '../audit/barrier.ts'
import { bearView, newAttempt } from './bear-view.ts'
import { endFilling, fillIds, fillView, nextStep } from './fill-view.ts'
import { proveView } from './prove-view.ts'
import { dropStaging, moveStaged } from './staging.ts'
import { pointView, readPointer } from './view-pointers.ts'
import { readStep, type ViewStep } from './view-steps.ts'

export interface AddViewOptions extends AuditContext {
  /** Of its table; its materialized view is `<name>_mv`. */
  name: string
  /** `CREATE TABLE IF NOT EXISTS …`, a SummingMergeTree. */
  createTable: string
  /** `CREATE MATERIALIZED VIEW IF NOT EXISTS <name>_mv TO <name> AS SELECT …` from order_changes. */
  createView: string
  /** What queries call it; they read it as soon as it is live. Without: nobody's pointer moves. */
  logical?: string
  chunkRows?: number
  /** For tests that end the process at this very place. */
  onStep?: (step: FillStep) => void | Promise<void>
}

export type FillStep = 'born' | 'staging' | 'staged' | 'moving' | 'moved' | 'proved' | 'pointed'

export interface AddedView {
  /** False: it was there already. */
  added: boolean
  /** True: an attempt before was gone on with; false: it began with an empty table. */
  continued: boolean
  /** How long the barrier of its birth held; 0 when it was born in an attempt before. */
  barrierMs: number
  /** Buckets that were apart from the base at the end, and were mended: 0 unless something is wrong. */
  drifted: number
}

export async function addView(options: AddViewOptions): Promise<AddedView> {
  const definition = definitionOf(options)
  const before = await readStep(options)
  if (before?.step === 'live') {
    if (before.definition !== definition) throw taken(options.name)
    return { added: false, continued: false, barrierMs: 0, drifted: 0 }
  }
  const serverStart = await readServerStart(options)
  const goesOn = before !== undefined && canGoOn(before, definition, serverStart)
  await endFilling(options, fillIds(options))
  if (before === undefined) await requireNew(options)
  const start = goesOn
    ? await takeOver(options, before)
    : await bearView({ options, definition, serverStart, before: before?.seq ?? 0 })
  const filled = await fillView(options, start)
  const { drifted } = await proveView(options)
  await options.onStep?.('proved')
  // The pointer first: after a crash in between it is moved once more, and never not at all.
  if (options.logical !== undefined && (await readPointer(options, options.logical)) !== options.name)
    await pointView(options, options.logical)
  await options.onStep?.('pointed')
  await nextStep(options, filled, { step: 'live' })
  return { added: true, continued: goesOn, barrierMs: goesOn ? 0 : start.barrierMs, drifted }
}

// What a server that was killed had moved may be in both tables or in none, as it is with inserts.
function canGoOn(before: ViewStep, definition: string, serverStart: number): boolean {
  const isKnown = ['flowing', 'staged', 'moved'].includes(before.step)
  return isKnown && before.definition === definition && Math.abs(before.serverStart - serverStart) <= 1
}

/** Whoever was at it is refused from now on; what it had staged is moved, by whomever. */
async function takeOver(options: AddViewOptions, before: ViewStep): Promise<ViewStep> {
  const { warehouse, database, name } = options
  const attempt = newAttempt()
  const isStaged = before.step === 'staged'
  if (isStaged) await moveStaged(warehouse, database, name, before.attempt)
  const mine = await nextStep(options, before, { attempt, step: isStaged ? 'moved' : before.step })
  await dropStaging(warehouse, database, name, attempt)
  return mine
}

/** A view that is as old as the run has no steps; its table must not be emptied. */
async function requireNew({ warehouse, database, name }: AddViewOptions): Promise<void> {
  const [row] = await warehouse.query<{ views: string; rows: string }>(
    `SELECT countIf(name = concat({name:String}, '_mv')) AS views, sumIf(total_rows, name = {name:String}) AS rows
     FROM system.tables WHERE database = {database:String}`,
    { params: { database, name } },
  )
  if (Number(row!.views) > 0 || Number(row!.rows) > 0) throw taken(name)
}

function taken(name: string): RevwallError {
  return new RevwallError('VIEW_EXISTS', `${name} is there already; a changed view gets a new name.`)
}

function definitionOf({ createTable, createView }: AddViewOptions): string {
  return createHash('sha256').update(`${createTable}\n${createView}`).digest('hex').slice(0, 16)
}

/** Told apart from another life of the server by more than the second to which it is cut. */
async function readServerStart({ warehouse }: AddViewOptions): Promise<number> {
  const [row] = await warehouse.query<{ start: string }>(
    'SELECT toUnixTimestamp(now()) - toInt64(uptime()) AS start',
  )
  return Number(row!.start)
}
