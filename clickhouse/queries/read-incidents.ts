/** What was stored of incidents, as they stand, and how far the metrics are watched. */
import type { AlertKind, AlertState, Severity } from '../../core/contracts/results.ts'
import type { Warehouse } from '../warehouse.ts'
import { type Keyset, type Page, pageOf } from './keyset.ts'
import { QUIET } from './read-buyers.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface StoredIncident {
  tenant: string
  alertId: string
  revision: number
  kind: AlertKind
  dedupKey: string
  group: string
  state: AlertState
  severity: Severity
  lastSeverity: Severity
  /** A metric, a source, or the id of an order. */
  subject: string
  /** Whose metric; null where there is none, or where a revwall that did not store it yet has told of it. */
  part: { dimension: 'total' | 'source' | 'region'; member: string } | null
  direction: 'fall' | 'rise' | null
  cause: 'level' | 'drift' | null
  currency: string
  /** Null where nothing is measured, or nothing is known to expect. */
  observed: string | null
  expected: string | null
  low: string | null
  high: string | null
  score: number
  contributors: { dimension: 'source' | 'region'; member: string; change: string; share: number }[]
  /** ISO 8601, UTC, as all instants here. */
  windowFrom: string
  windowTo: string
  seenAt: string
  openedAt: string
  changedAt: string
  resolvedAt: string | null
  acknowledgedBy: string | null
  silence: { owner: string; at: string; until: string } | null
  model: string
}

export interface IncidentQuestion extends Scope {
  /** Undefined: all. `active`: those that are not resolved. */
  state?: AlertState | 'active' | undefined
  /** Default: metrics and sources, without orders. */
  kind?: AlertKind | undefined
  limit: number
  after?: Keyset | undefined
}

/** The newest begun first; `total` is of all pages. */
export async function readIncidents(
  warehouse: Warehouse,
  question: IncidentQuestion,
): Promise<Page<StoredIncident> & { total: number }> {
  const { tenant, state, kind, limit, after } = question
  const seek =
    after === undefined
      ? '1'
      : '(opened_at < {value:DateTime64(3)} OR (opened_at = {value:DateTime64(3)} AND alert_id > {key:String}))'
  const ofState =
    state === undefined ? '1' : state === 'active' ? "state != 'resolved'" : 'state = {state:String}'
  const rows = await warehouse.query<IncidentRow & { total: string }>(
    `SELECT * FROM (
       SELECT *, count() OVER () AS total FROM (${latestSql(question, 'tenant = {tenant:String}')})
       WHERE ${ofState} AND ${kind === undefined ? "kind != 'order'" : 'kind = {kind:String}'})
     WHERE ${seek} ORDER BY opened_at DESC, alert_id LIMIT {wanted:UInt32}`,
    {
      params: {
        ...{ tenant, wanted: limit + 1, kind: kind ?? '', state: state ?? '' },
        ...(after === undefined ? {} : { value: after.value, key: after.keys[0] }),
      },
    },
  )
  const page = pageOf(rows, limit, (row) => ({ value: row.opened_at, keys: [row.alert_id] }))
  return { total: Number(rows[0]?.total ?? 0), rows: page.rows.map(incidentOf), next: page.next }
}

/** As they stand; those of the ids that are none are left out. */
export async function readIncidentsById(
  warehouse: Warehouse,
  scope: Scope,
  alertIds: readonly string[],
): Promise<StoredIncident[]> {
  if (alertIds.length === 0) return []
  const where = 'tenant = {tenant:String} AND alert_id IN ({ids:Array(String)})'
  const rows = await warehouse.query<IncidentRow>(latestSql(scope, where), {
    params: { tenant: scope.tenant, ids: alertIds },
    settings: QUIET,
  })
  return rows.map(incidentOf)
}

/** Of all tenants: those that go on by themselves. An order's waits for people, unless its silence is to end. */
export async function readOpenIncidents(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'>,
): Promise<StoredIncident[]> {
  const rows = await warehouse.query<IncidentRow>(
    `SELECT * FROM (${latestSql(scope, '1')}) WHERE state != 'resolved' AND (kind != 'order' OR silenced_by != '')`,
    { settings: QUIET },
  )
  return rows.map(incidentOf)
}

export interface StoredWatch {
  tenant: string
  /** ms since the epoch. */
  upToMs: number
  widthMinutes: number
  days: number
  series: number
  /** JSON. */
  states: string
}

/** Of each tenant; of one where it is named. */
export async function readMetricWatches(
  warehouse: Warehouse,
  scope: Pick<Scope, 'database'> & { tenant?: string },
): Promise<StoredWatch[]> {
  const own = scope.tenant === undefined ? '1' : 'tenant = {tenant:String}'
  const rows = await warehouse.query<{
    tenant: string
    up_to: string
    width: number
    days: number
    series: number
    states: string
  }>(
    `SELECT tenant, up_to, width, days, series, states FROM ${tableOf(scope, 'metric_watches')} FINAL WHERE ${own}`,
    { params: scope.tenant === undefined ? {} : { tenant: scope.tenant } },
  )
  return rows.map(({ up_to, width, ...rest }) => ({
    ...rest,
    ...{ upToMs: Date.parse(toIso(up_to)), widthMinutes: width },
  }))
}

const latestSql = (scope: Pick<Scope, 'database'>, where: string) =>
  `SELECT * FROM ${tableOf(scope, 'incident_changes')} FINAL WHERE ${where} ORDER BY revision DESC LIMIT 1 BY tenant, alert_id`

interface IncidentRow {
  tenant: string
  alert_id: string
  revision: number
  kind: AlertKind
  dedup_key: string
  alert_group: string
  state: AlertState
  severity: Severity
  last_severity: Severity
  subject: string
  dimension: 'total' | 'source' | 'region' | ''
  member: string
  direction: 'fall' | 'rise' | ''
  cause: 'level' | 'drift' | ''
  currency: string
  observed: string | null
  expected: string | null
  low: string | null
  high: string | null
  score: number
  contributor_dimension: ('source' | 'region')[]
  contributor_member: string[]
  contributor_change: string[]
  contributor_share: number[]
  window_from: string
  window_to: string
  seen_at: string
  opened_at: string
  changed_at: string
  resolved_at: string | null
  acknowledged_by: string
  silenced_by: string
  silenced_at: string | null
  silenced_until: string | null
  model: string
}

function incidentOf(row: IncidentRow): StoredIncident {
  const { tenant, revision, kind, state, severity, subject, dimension, member, currency, score, model } = row
  const { observed, expected, low, high, silenced_at, silenced_until } = row
  return {
    ...{ tenant, alertId: row.alert_id, revision, kind, dedupKey: row.dedup_key, group: row.alert_group },
    ...{ state, severity, lastSeverity: row.last_severity, subject },
    part: dimension === '' ? null : { dimension, member },
    ...{ direction: row.direction || null, cause: row.cause || null },
    ...{ currency, observed, expected, low, high, score },
    contributors: row.contributor_member.map((member, at) => ({
      ...{ dimension: row.contributor_dimension[at]!, member },
      ...{ change: row.contributor_change[at]!, share: row.contributor_share[at]! },
    })),
    ...{ windowFrom: toIso(row.window_from), windowTo: toIso(row.window_to), seenAt: toIso(row.seen_at) },
    ...{ openedAt: toIso(row.opened_at), changedAt: toIso(row.changed_at) },
    resolvedAt: row.resolved_at === null ? null : toIso(row.resolved_at),
    acknowledgedBy: row.acknowledged_by || null,
    silence:
      silenced_at === null || silenced_until === null
        ? null
        : { owner: row.silenced_by, at: toIso(silenced_at), until: toIso(silenced_until) },
    model,
  }
}
