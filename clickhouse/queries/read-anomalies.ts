/** What was stored of unusual orders: those that were told, how many were judged, the model that judges. */
import type { Severity } from '../../core/contracts/results.ts'
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Keyset, type Page, pageOf } from './keyset.ts'
import { type Marks, QUIET } from './read-buyers.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface StoredAnomaly {
  eventId: string
  source: string
  orderId: string
  /** ISO 8601, UTC. */
  detectedAt: string
  placedAt: string
  severity: Severity
  score: number
  threshold: number
  observed: string
  /** Null where nothing is known to expect. */
  expected: string | null
  currency: string
  reasons: string[]
  reasonsPt: string[]
  contributors: { feature: string; weight: number }[]
  modelVersion: number
}

export interface AnomalyQuestion extends Scope {
  minScore: number
  /** Undefined: all. */
  severity?: Severity | undefined
  limit: number
  after?: Keyset | undefined
}

/** The newest found first; `total` is of all pages. */
export async function readAnomalies(
  warehouse: Warehouse,
  question: AnomalyQuestion,
): Promise<Page<StoredAnomaly> & { total: number }> {
  const { tenant, minScore, severity, limit, after } = question
  const seek =
    after === undefined
      ? '1'
      : '(detected_at < {value:DateTime64(3)} OR (detected_at = {value:DateTime64(3)} AND event_id > {key:String}))'
  const rows = await warehouse.query<AnomalyRow & { total: string }>(
    `SELECT * FROM (
       SELECT ${COLUMNS}, count() OVER () AS total
       FROM ${tableOf(question, 'order_anomalies')} FINAL
       WHERE tenant = {tenant:String} AND score >= {minScore:Float64}${severity === undefined ? '' : ' AND severity = {severity:String}'})
     WHERE ${seek} ORDER BY detected_at DESC, event_id LIMIT {wanted:UInt32}`,
    {
      params: {
        ...{ tenant, minScore, wanted: limit + 1 },
        ...(severity === undefined ? {} : { severity }),
        ...(after === undefined ? {} : { value: after.value, key: after.keys[0] }),
      },
    },
  )
  const page = pageOf(rows, limit, (row) => ({ value: row.detected_at, keys: [row.event_id] }))
  return { total: Number(rows[0]?.total ?? 0), rows: page.rows.map(anomalyOf), next: page.next }
}

/** Those of these ids. */
export async function readAnomaliesById(
  warehouse: Warehouse,
  scope: Scope,
  ids: readonly string[],
): Promise<StoredAnomaly[]> {
  const rows = await warehouse.query<AnomalyRow>(
    `SELECT ${COLUMNS} FROM ${tableOf(scope, 'order_anomalies')} FINAL
     WHERE tenant = {tenant:String} AND event_id IN ({ids:Array(String)})`,
    { params: { tenant: scope.tenant, ids }, settings: QUIET },
  )
  return rows.map(anomalyOf)
}

const COLUMNS = `event_id, source, order_id, detected_at, placed_at, severity, score, threshold, observed, expected, currency,
  reasons, reasons_pt, contributor, contribution, model_version`

/** Which of these events were told already, by their ids. */
export async function readToldEvents(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'>,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const rows = await warehouse.query<{ event_id: string }>(
    `SELECT event_id FROM ${tableOf(scope, 'order_anomalies')} WHERE event_id IN (${ids.map(quoteString).join(', ')})`,
    { settings: QUIET },
  )
  return new Set(rows.map(({ event_id }) => event_id))
}

/** A day of judging. */
export interface ScoringDay {
  tenant: string
  /** YYYY-MM-DD. */
  day: string
  step: number
  scored: number
  told: number
  withheld: number
  learned: number
  skipped: number
  budget: number
  seen: number
  needed: number
  modelVersion: number
}

/** The day that each tenant was judged on last; of one tenant where it is named. */
export async function readScoringDays(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'> & { tenant?: string },
): Promise<ScoringDay[]> {
  const own = scope.tenant === undefined ? '' : ' AND tenant = {tenant:String}'
  const rows = await warehouse.query<Record<keyof ScoringDay, string>>(
    `SELECT tenant, toString(day) AS day, step, scored, told, withheld, learned, skipped, budget, seen, needed,
       model_version AS modelVersion
     FROM ${tableOf(scope, 'order_scorings')} AS s FINAL WHERE tenant != ''${own}
     ORDER BY s.step DESC LIMIT 1 BY tenant`,
    { params: scope.tenant === undefined ? {} : { tenant: scope.tenant } },
  )
  return rows.map(({ tenant, day, ...counts }) => ({
    ...{ tenant, day },
    ...(Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, Number(count)])) as Counts),
  }))
}

type Counts = Omit<ScoringDay, 'tenant' | 'day'>

/** How far each partition is done, and the number of the look that said so last; no marks before the first. */
export async function readScoredMarks(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'>,
): Promise<{ marks: Marks; step: number }> {
  const rows = await warehouse.query<{ partition: number; last: string; position: string; step: string }>(
    `SELECT partition, mark_last AS last, mark_position AS position, step
     FROM ${tableOf(scope, 'order_scorings')} FINAL WHERE tenant = ''`,
    { settings: QUIET },
  )
  return {
    marks: new Map(
      rows.map(({ partition, last, position }) => [partition, { last: Number(last), position }]),
    ),
    step: rows.reduce((most, { step }) => Math.max(most, Number(step)), 0),
  }
}

export interface StoredModel {
  version: number
  engine: string
  seen: number
  scores: number[]
  /** Base64. */
  forest: string
  sample: string
}

/** The newest model of a tenant; undefined where none was stored. */
export async function readAnomalyModel(warehouse: Warehouse, scope: Scope): Promise<StoredModel | undefined> {
  const rows = await warehouse.query<Omit<StoredModel, 'seen'> & { seen: string }>(
    `SELECT version, engine, seen, scores, forest, sample FROM ${tableOf(scope, 'anomaly_models')}
     WHERE tenant = {tenant:String} ORDER BY version DESC LIMIT 1`,
    { params: { tenant: scope.tenant }, settings: QUIET },
  )
  return rows.map((row) => ({ ...row, seen: Number(row.seen) }))[0]
}

interface AnomalyRow {
  event_id: string
  source: string
  order_id: string
  detected_at: string
  placed_at: string
  severity: Severity
  score: number
  threshold: number
  observed: string
  expected: string | null
  currency: string
  reasons: string[]
  reasons_pt: string[]
  contributor: string[]
  contribution: number[]
  model_version: number
}

function anomalyOf(row: AnomalyRow): StoredAnomaly {
  const { source, severity, score, threshold, observed, expected, currency, reasons } = row
  return {
    ...{ eventId: row.event_id, source, orderId: row.order_id },
    ...{ detectedAt: toIso(row.detected_at), placedAt: toIso(row.placed_at) },
    ...{ severity, score, threshold, observed, expected, currency, reasons, reasonsPt: row.reasons_pt },
    contributors: row.contributor.map((feature, at) => ({ feature, weight: row.contribution[at]! })),
    modelVersion: row.model_version,
  }
}
