/** The old rows of `order_changes`, those up to a mark vector, cut into chunks along the table's key. */
import { RevwallError } from '../../core/runtime/errors.ts'
import { behindKey, upToKey } from '../native/key-range.ts'
import type { Warehouse } from '../warehouse.ts'

/** Rows of this partition up to this offset are old. */
export interface MarkLimit {
  topic: string
  partition: number
  last: number
}

/** An order as the table is sorted by. */
export interface OrderKey {
  tenant: string
  source: string
  orderId: string
}

export interface Chunk {
  marks: readonly MarkLimit[]
  /** Keys behind `from` … */
  from: OrderKey
  /** … up to and with `to`; undefined: all that are left. */
  to: OrderKey | undefined
}

/**
 * The key so many rows behind `from`; undefined when no more than that are left. Reads keys in the table's order. That
 * new rows come in meanwhile does no harm: a chunk is a range of keys, and the ranges touch.
 */
export async function keyBehind(
  warehouse: Warehouse,
  database: string,
  from: OrderKey,
  rows: number,
): Promise<OrderKey | undefined> {
  const [row] = await warehouse.query<{ tenant: string; source: string; order_id: string }>(
    `SELECT tenant, source, order_id FROM ${database}.order_changes
     WHERE ${behindKey('tenant', 'source', 'orderId')} AND tenant != ''
     ORDER BY tenant, source, order_id LIMIT 1 OFFSET {rows:UInt32}`,
    { params: { ...from, rows }, settings: { max_threads: 1, optimize_read_in_order: 1 } },
  )
  return row && { tenant: row.tenant, source: row.source, orderId: row.order_id }
}

/** A view's SELECT over the rows of a chunk instead of the whole base (parameters: `chunkParams`). */
export function overChunk(select: string, database: string, { to }: Chunk): string {
  const base = new RegExp(`\\bFROM ${database}\\.order_changes\\b`, 'g')
  if (!base.test(select))
    throw new RevwallError(
      'VIEW_INVALID',
      `The view does not read ${database}.order_changes: ${select.slice(0, 200)}`,
    )
  const end = to === undefined ? '' : ` AND ${upToKey('to_tenant', 'to_source', 'to_order')}`
  return select.replace(
    base,
    `FROM (SELECT * FROM ${database}.order_changes
      WHERE sign != 0 AND ${behindKey('from_tenant', 'from_source', 'from_order')}${end}
        AND arrayExists((t, p, last) -> t = topic AND p = partition AND offset <= last,
          {topics:Array(String)}, {partitions:Array(UInt16)}, {offsets:Array(Int64)})) AS order_changes`,
  )
}

export function chunkParams({ marks, from, to }: Chunk): Record<string, unknown> {
  return {
    topics: marks.map(({ topic }) => topic),
    partitions: marks.map(({ partition }) => partition),
    offsets: marks.map(({ last }) => last),
    ...{ from_tenant: from.tenant, from_source: from.source, from_order: from.orderId },
    ...(to && { to_tenant: to.tenant, to_source: to.source, to_order: to.orderId }),
  }
}
