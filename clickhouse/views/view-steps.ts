/** Where the adding of a view stands: rows of `view_steps`, each a compare-and-set on the one before. */
import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'
import type { MarkLimit, OrderKey } from './base-rows.ts'

export type StepName = 'born' | 'flowing' | 'staged' | 'moved' | 'live' | 'dropped'

export interface ViewStep {
  /** 0: nothing is known of the view. */
  seq: number
  step: StepName
  attempt: string
  definition: string
  /** The mark vector at the birth: rows up to here are filled in, later ones flow in by themselves. */
  marks: MarkLimit[]
  upTo: OrderKey
  isLast: boolean
  serverStart: number
  barrierMs: number
}

export interface StepScope {
  warehouse: Warehouse
  database: string
  run: string
  /** The view's table. */
  name: string
}

export const FIRST_KEY: OrderKey = { tenant: '', source: '', orderId: '' }

/** A view without steps is as old as the run. */
export const isComplete = (last: ViewStep | undefined): boolean => last === undefined || last.step === 'live'

/** The last step of a view; undefined for one that is as old as the run. */
export async function readStep(scope: Omit<StepScope, 'run'>): Promise<ViewStep | undefined> {
  const { warehouse, database, name } = scope
  const [row] = await warehouse.query<StepRow>(
    `SELECT seq, step, attempt, definition, topics, partitions, offsets, upto_tenant, upto_source, upto_order_id,
       is_last, server_start, barrier_ms
     FROM ${database}.view_steps WHERE view = {name:String} ORDER BY seq DESC LIMIT 1`,
    { params: { name } },
  )
  return row && stepOf(row)
}

/**
 * Writes the step that follows `before` and resolves with it. Throws VIEW_FENCED when somebody else has gone on with the
 * view meanwhile: whoever was first goes on alone.
 */
export async function writeStep(
  scope: StepScope,
  before: number,
  step: Omit<ViewStep, 'seq'>,
): Promise<ViewStep> {
  const { warehouse, database, name } = scope
  try {
    await warehouse.command(insertSql(database), {
      queryId: `view-step:${scope.run}:${name}`,
      params: { name, before, ...paramsOf(step) },
      settings: { async_insert: 0, insert_deduplicate: 0 },
    })
  } catch (error) {
    // An answer may be lost after the row has landed.
    const now = await readStep(scope)
    const isMine = now?.seq === before + 1 && now.attempt === step.attempt && now.step === step.step
    if (!isMine) throw now !== undefined && now.seq > before ? fenced(name) : error
  }
  return { ...step, seq: before + 1 }
}

/** An SQL condition for inserts of a filling (parameters `name` and `seq`): it throws once somebody else has gone on. */
export const stepGuardSql = (database: string): string =>
  `throwIf((SELECT max(seq) FROM ${database}.view_steps WHERE view = {name:String}) != {seq:UInt32}, '${FENCED}') = 0`

export const isFenced = (error: unknown): boolean => errorMessage(error).includes(FENCED)

export function fenced(name: string): RevwallError {
  return new RevwallError('VIEW_FENCED', `Somebody else has gone on with filling ${name}; this one stops.`)
}

const FENCED = 'another step'

function insertSql(database: string): string {
  return `INSERT INTO ${database}.view_steps (view, seq, step, attempt, definition, topics, partitions, offsets,
      upto_tenant, upto_source, upto_order_id, is_last, server_start, barrier_ms, at)
    SELECT {name:String}, {before:UInt32} + 1, {step:String}, {attempt:String}, {definition:String},
      {topics:Array(String)}, {partitions:Array(UInt16)}, {offsets:Array(Int64)}, {tenant:String}, {source:String},
      {orderId:String}, {isLast:UInt8}, {serverStart:Int64}, {barrierMs:UInt32}, now64(3)
    WHERE throwIf((SELECT max(seq) FROM ${database}.view_steps WHERE view = {name:String}) != {before:UInt32}, '${FENCED}') = 0`
}

function paramsOf({ marks, upTo, isLast, ...step }: Omit<ViewStep, 'seq'>): Record<string, unknown> {
  return {
    ...step,
    ...upTo,
    isLast: Number(isLast),
    topics: marks.map(({ topic }) => topic),
    partitions: marks.map(({ partition }) => partition),
    offsets: marks.map(({ last }) => last),
  }
}

interface StepRow {
  seq: number
  step: StepName
  attempt: string
  definition: string
  topics: string[]
  partitions: number[]
  offsets: string[]
  upto_tenant: string
  upto_source: string
  upto_order_id: string
  is_last: number
  server_start: string
  barrier_ms: number
}

function stepOf(row: StepRow): ViewStep {
  const { seq, step, attempt, definition } = row
  return {
    ...{ seq, step, attempt, definition },
    marks: row.topics.map((topic, i) => ({
      topic,
      partition: row.partitions[i]!,
      last: Number(row.offsets[i]),
    })),
    upTo: { tenant: row.upto_tenant, source: row.upto_source, orderId: row.upto_order_id },
    isLast: row.is_last === 1,
    serverStart: Number(row.server_start),
    barrierMs: row.barrier_ms,
  }
}
