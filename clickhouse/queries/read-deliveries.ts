/** What was sent to a tenant's endpoints, for people. */
import type { DeliveryStatus, EndpointKind } from '../../core/contracts/deliveries.ts'
import type { Warehouse } from '../warehouse.ts'
import { DELIVERIES_TABLE } from './delivery-state.ts'
import { type Keyset, type Page, pageOf } from './keyset.ts'
import { toIso } from './scope.ts'

export interface Delivery {
  endpoint: string
  endpointName: string
  kind: EndpointKind
  messageId: string
  topic: string
  dedupKey: string
  attempt: number
  /** ISO 8601, UTC. */
  at: string
  status: DeliveryStatus
  /** Null: there was no answer. */
  httpStatus: number | null
  /** Empty: it did not fail. */
  error: string
  durationMs: number
  nextAttemptAt: string | null
  askedBy: string
  /** It is the newest row of its message: what became of it. */
  isNewest: boolean
}

export interface DeliveryQuestion {
  /** Undefined: of all, which is for whoever runs it. */
  tenant?: string | undefined
  endpoint?: string | undefined
  /** Of a message; then its newest row alone. Undefined: all attempts. */
  status?: DeliveryStatus | undefined
  limit: number
  after?: Keyset | undefined
}

/** The newest first; `total` is of all pages. */
export async function readDeliveries(
  warehouse: Warehouse,
  { tenant, endpoint, status, limit, after }: DeliveryQuestion,
): Promise<Page<Delivery> & { total: number }> {
  const wanted = [
    tenant === undefined ? [] : ['tenant = {tenant:String}'],
    endpoint === undefined ? [] : ['endpoint = {endpoint:String}'],
  ].flat()
  const seek =
    after === undefined
      ? '1'
      : '(at < {value:DateTime64(3)} OR (at = {value:DateTime64(3)} AND row_key > {key:String}))'
  const rows = await warehouse.query<DeliveryRow>(
    `SELECT * FROM (
       SELECT *, count() OVER () AS total FROM (
         SELECT endpoint, endpoint_name, kind, message_id, topic, dedup_key, attempt, at, status, http_status, error,
           duration_ms, next_attempt_at, asked_by, concat(endpoint, '/', message_id, '/', toString(revision)) AS row_key,
           revision = max(revision) OVER (PARTITION BY tenant, endpoint, message_id) AS is_newest
         FROM ${DELIVERIES_TABLE} FINAL WHERE ${wanted.length === 0 ? '1' : wanted.join(' AND ')})
       WHERE ${status === undefined ? '1' : 'is_newest AND status = {status:String}'})
     WHERE ${seek} ORDER BY at DESC, row_key LIMIT {wanted:UInt32}`,
    {
      params: {
        ...{ tenant, endpoint, status, wanted: limit + 1 },
        ...(after && { value: after.value, key: after.keys[0] }),
      },
      settings: { max_threads: 1 },
    },
  )
  const page = pageOf(rows, limit, (row) => ({ value: row.at, keys: [row.row_key] }))
  return { total: Number(rows[0]?.total ?? 0), rows: page.rows.map(deliveryOf), next: page.next }
}

export interface EndpointDeliveries {
  endpoint: string
  endpointName: string
  kind: EndpointKind
  /** Messages by what became of them. */
  delivered: number
  waiting: number
  dead: number
  /** Of the newest attempt. */
  lastAt: string
  lastError: string
}

/** A tenant's endpoints that anything was sent to, the newest first. */
export async function readEndpointDeliveries(
  warehouse: Warehouse,
  tenant: string,
): Promise<EndpointDeliveries[]> {
  const rows = await warehouse.query<Record<keyof EndpointDeliveries, string> & { kind: EndpointKind }>(
    `SELECT endpoint, argMax(endpoint_name, at) AS endpointName, any(kind) AS kind,
       countIf(status IN ('delivered', 'superseded')) AS delivered, countIf(status IN ('queued', 'retrying')) AS waiting,
       countIf(status = 'dead') AS dead, max(at) AS lastAt, argMax(error, at) AS lastError
     FROM (
       SELECT endpoint, endpoint_name, kind, status, at, error FROM ${DELIVERIES_TABLE}
       WHERE tenant = {tenant:String} ORDER BY revision DESC LIMIT 1 BY endpoint, message_id)
     GROUP BY endpoint ORDER BY lastAt DESC, endpoint`,
    { params: { tenant }, settings: { max_threads: 1 } },
  )
  return rows.map((row) => ({
    ...{ endpoint: row.endpoint, endpointName: row.endpointName, kind: row.kind },
    ...{ delivered: Number(row.delivered), waiting: Number(row.waiting), dead: Number(row.dead) },
    ...{ lastAt: toIso(row.lastAt), lastError: row.lastError },
  }))
}

interface DeliveryRow {
  endpoint: string
  endpoint_name: string
  kind: EndpointKind
  message_id: string
  topic: string
  dedup_key: string
  attempt: number
  at: string
  status: DeliveryStatus
  http_status: number
  error: string
  duration_ms: number
  next_attempt_at: string
  asked_by: string
  row_key: string
  is_newest: number
  total: string
}

const NEVER = '1970-01-01'

function deliveryOf(row: DeliveryRow): Delivery {
  const { endpoint, kind, topic, attempt, status, error } = row
  return {
    ...{ endpoint, endpointName: row.endpoint_name, kind, messageId: row.message_id, topic },
    ...{ dedupKey: row.dedup_key, attempt, at: toIso(row.at), status, error, durationMs: row.duration_ms },
    httpStatus: row.http_status === 0 ? null : row.http_status,
    nextAttemptAt: row.next_attempt_at.startsWith(NEVER) ? null : toIso(row.next_attempt_at),
    ...{ askedBy: row.asked_by, isNewest: row.is_newest === 1 },
  }
}
