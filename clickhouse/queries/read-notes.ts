/** What people said beside the numbers: annotations and targets, without those that were taken back. */
import type { Annotation, Target, TargetPeriod, TargetSeries } from '../../core/contracts/notes.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

interface Span {
  /** The first instant that counts, and the first that does not any more. */
  fromMs: number
  toMs: number
}

/** Of the span, at least in part; of more than `limit` the newest, in the order of time. */
export async function readAnnotations(
  warehouse: Warehouse,
  scope: Scope & Span & { limit: number },
): Promise<Annotation[]> {
  const { tenant, fromMs, toMs, limit } = scope
  const rows = await warehouse.query<Annotation>(
    `SELECT id, kind, at, until, text, by FROM ${tableOf(scope, 'annotations')} FINAL
     WHERE tenant = {tenant:String} AND NOT removed AND at < fromUnixTimestamp64Milli({to:Int64})
       AND (at >= fromUnixTimestamp64Milli({from:Int64}) OR until > fromUnixTimestamp64Milli({from:Int64}))
     ORDER BY at DESC, id DESC LIMIT {limit:UInt32}`,
    { params: { tenant, from: fromMs, to: toMs, limit } },
  )
  return rows.map(annotationOf).reverse()
}

export async function readAnnotation(
  warehouse: Warehouse,
  scope: Scope & { id: string },
): Promise<Annotation | undefined> {
  const { tenant, id } = scope
  const rows = await warehouse.query<Annotation>(
    `SELECT id, kind, at, until, text, by FROM ${tableOf(scope, 'annotations')} FINAL
     WHERE tenant = {tenant:String} AND id = {id:String} AND NOT removed`,
    { params: { tenant, id } },
  )
  return rows.map(annotationOf)[0]
}

const annotationOf = ({ at, until, ...row }: Annotation): Annotation => ({
  ...row,
  at: toIso(at),
  until: until === null ? null : toIso(until),
})

export interface TargetName {
  series: TargetSeries
  period: TargetPeriod
  /** YYYY-MM-DD */
  from: string
}

/** Those that begin later first; `only` one of them. */
export async function readTargets(
  warehouse: Warehouse,
  scope: Scope & { only?: TargetName },
): Promise<Target[]> {
  const { tenant, only } = scope
  const named =
    only === undefined
      ? ''
      : 'AND series = {series:String} AND period = {period:String} AND from_day = {from:Date}'
  const rows = await warehouse.query<Target>(
    `SELECT series, period, toString(from_day) AS from, amount, nullIf(toString(currency), '') AS currency, by
     FROM ${tableOf(scope, 'targets')} AS t FINAL WHERE tenant = {tenant:String} AND NOT removed ${named}
     ORDER BY from_day DESC, period, series LIMIT ${MAX_TARGETS}`,
    { params: { tenant, ...only } },
  )
  return rows
}

/** More than a target a week for ten years, of each kind. */
const MAX_TARGETS = 5_000
