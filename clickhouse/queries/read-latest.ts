import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export type EntryKind = 'sale' | 'edit' | 'cancel' | 'restore' | 'refund' | 'credit' | 'adjustment'

export interface LatestEntry {
  /** Stable: source, order, kind and reference. */
  key: string
  at: string
  orderId: string
  source: string
  kind: EntryKind
  reference: string
  country: string
  currency: string
  amount: string
  guest: boolean
}

/**
 * The newest booked entries, the newest first. An entry exists where its signed count is above 0, which takes a sum over
 * all rows of its instant; so that not the whole table is summed, only instants are that the newest rows have.
 */
export async function readLatest(
  warehouse: Warehouse,
  scope: Scope & { limit: number },
): Promise<LatestEntry[]> {
  for (let newest = scope.limit * 4; ; newest *= 16) {
    const rows = await readAmong(warehouse, scope, newest)
    const all = Number(rows[0]?.seen ?? 0) < newest
    if (all || rows.length >= scope.limit || newest > MAX_ROWS) return rows.map(entryOf)
  }
}

/** Where so many rows cancel each other out, a shorter list is the better answer. */
const MAX_ROWS = 10_000_000

interface Row extends Omit<LatestEntry, 'key' | 'orderId' | 'guest'> {
  order_id: string
  guest: number
  seen: string
}

function readAmong(warehouse: Warehouse, scope: Scope & { limit: number }, newest: number): Promise<Row[]> {
  const table = tableOf(scope, 'latest_orders_v1')
  return warehouse.query<Row>(
    `WITH edge AS (SELECT min(at) AS since, count() AS seen FROM (
       SELECT at FROM ${table} WHERE tenant = {tenant:String} ORDER BY tenant DESC, at DESC LIMIT {newest:UInt32}))
     SELECT at, source, order_id, kind, reference, country, currency, guest, sum(l.amount) AS amount,
       (SELECT seen FROM edge) AS seen
     FROM ${table} AS l
     WHERE tenant = {tenant:String} AND at >= (SELECT since FROM edge)
     GROUP BY at, source, order_id, kind, reference, country, currency, guest
     HAVING sum(entries) > 0
     ORDER BY at DESC, source, order_id, kind, reference LIMIT {limit:UInt32}`,
    { params: { tenant: scope.tenant, limit: scope.limit, newest } },
  )
}

function entryOf({ order_id, seen: _, ...row }: Row): LatestEntry {
  return {
    ...row,
    key: [row.source, order_id, row.kind, row.reference].join('/'),
    at: toIso(row.at),
    orderId: order_id,
    guest: row.guest === 1,
  }
}
