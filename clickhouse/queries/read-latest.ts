import type { Warehouse } from '../warehouse.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export type EntryKind = 'sale' | 'edit' | 'cancel' | 'restore' | 'refund' | 'credit' | 'adjustment'

export interface LatestEntry {
  /** Stable, and no other entry's: an order may be edited more than once, and in two currencies at one instant. */
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
  const few = await readOfFew(warehouse, scope)
  if (few !== undefined) return few.map(entryOf)
  for (let newest = scope.limit * 64; ; newest *= 16) {
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

interface CountedRow extends Omit<Row, 'seen'> {
  present: string
  rows: string
}

/**
 * Out of the newest few rows alone, which is half of the work and nearly always enough. The last instant among them may
 * have further rows, so that it is not counted. Undefined when that leaves too few entries.
 */
async function readOfFew(
  warehouse: Warehouse,
  scope: Scope & { limit: number },
): Promise<CountedRow[] | undefined> {
  const newest = scope.limit * 4
  const rows = await warehouse.query<CountedRow>(
    `SELECT at, source, order_id, kind, reference, country, currency, guest, sum(l.amount) AS amount,
       sum(entries) AS present, count() AS rows
     FROM (SELECT * FROM ${tableOf(scope, 'latest_orders')} WHERE tenant = {tenant:String}
       ORDER BY tenant DESC, at DESC LIMIT {newest:UInt32}) AS l
     GROUP BY at, source, order_id, kind, reference, country, currency, guest
     ORDER BY at DESC, source, order_id, kind, reference, currency`,
    { params: { tenant: scope.tenant, newest } },
  )
  const all = rows.reduce((sum, row) => sum + Number(row.rows), 0) < newest
  const last = rows.at(-1)?.at
  const entries = rows.filter((row) => Number(row.present) > 0 && (all || row.at !== last))
  return all || entries.length >= scope.limit ? entries.slice(0, scope.limit) : undefined
}

function readAmong(warehouse: Warehouse, scope: Scope & { limit: number }, newest: number): Promise<Row[]> {
  const table = tableOf(scope, 'latest_orders')
  return warehouse.query<Row>(
    `WITH edge AS (SELECT min(at) AS since, count() AS seen FROM (
       SELECT at FROM ${table} WHERE tenant = {tenant:String} ORDER BY tenant DESC, at DESC LIMIT {newest:UInt32}))
     SELECT at, source, order_id, kind, reference, country, currency, guest, sum(l.amount) AS amount,
       (SELECT seen FROM edge) AS seen
     FROM ${table} AS l
     WHERE tenant = {tenant:String} AND at >= (SELECT since FROM edge)
     GROUP BY at, source, order_id, kind, reference, country, currency, guest
     HAVING sum(entries) > 0
     ORDER BY at DESC, source, order_id, kind, reference, currency LIMIT {limit:UInt32}`,
    { params: { tenant: scope.tenant, limit: scope.limit, newest } },
  )
}

function entryOf(row: Omit<Row, 'seen'>): LatestEntry {
  const { source, order_id: orderId, kind, reference, country, currency, amount } = row
  const at = toIso(row.at)
  const key = [source, orderId, kind, reference, at, currency].join('/')
  const guest = row.guest === 1
  return { key, at, orderId, source, kind, reference, country, currency, amount, guest }
}
