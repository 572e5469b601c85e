/** What the state asks of the base table: which orders it has, and what they are. */
import { decodeChangeRow } from '../../clickhouse/native/decode-row.ts'
import { behindKey } from '../../clickhouse/native/key-range.ts'
import { ORDER_CHANGES_COLUMNS, type OrderRow } from '../../clickhouse/native/order-row.ts'
import { quoteString } from '../../clickhouse/native/quote-string.ts'
import { shardOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { fingerprintOf, keyText, type OrderKey } from './order-key.ts'

/** Keys read in one page while the index is made; batches are computed in between, and wait for no more than one. */
const KEY_PAGE_ROWS = 25_000
/** Orders asked for in one query, and the text it may reach with ids of 200 characters of four bytes. */
const LOOKUP_KEYS = 2_000
const MAX_QUERY_BYTES = 8_000_000

export interface BaseScope {
  warehouse: Warehouse
  database: string
  topic: string
  partition: number
  /**
   * Since the topic has grown: the number by which keys are divided. Orders may stand in any of the old partitions, of the
   * same server: numbers of partitions are multiples of the number of servers.
   */
  grownTo?: number | undefined
}

interface KeyRow {
  tenant: string
  source: string
  order_id: string
}

interface From {
  after: KeyRow
  signal: AbortSignal
}

/** Fingerprints of all orders at `mark`, page by page: high and low of each. */
export async function* readFingerprints(
  scope: BaseScope,
  mark: number,
  signal: AbortSignal,
): AsyncGenerator<Uint32Array<ArrayBuffer>> {
  const hash = { high: 0, low: 0 }
  let after = { tenant: '', source: '', order_id: '' }
  for (;;) {
    const page = await readKeys(scope, mark, { after, signal })
    const own = page.filter((row) => isOwn(row, scope))
    const pairs = new Uint32Array(own.length * 2)
    own.forEach(({ tenant, source, order_id: orderId }, i) => {
      fingerprintOf({ tenant, source, orderId }, hash)
      pairs[2 * i] = hash.high
      pairs[2 * i + 1] = hash.low
    })
    yield pairs
    if (page.length < KEY_PAGE_ROWS) return
    after = page.at(-1)!
  }
}

/** The present rows at `mark`, by `keyText`; those that the table does not have are absent. */
export async function readRows(
  scope: BaseScope,
  mark: number,
  keys: readonly OrderKey[],
): Promise<Map<string, OrderRow>> {
  const found = new Map<string, OrderRow>()
  for (let i = 0; i < keys.length; i += LOOKUP_KEYS) {
    const rows = await readSome(scope, mark, keys.slice(i, i + LOOKUP_KEYS))
    for (const row of rows) found.set(keyText(row), row)
  }
  return found
}

function readKeys(scope: BaseScope, mark: number, { after, signal }: From): Promise<KeyRow[]> {
  return shardOf(scope.warehouse, scope.partition).query<KeyRow>(
    `SELECT tenant, source, order_id FROM ${scope.database}.order_changes
     WHERE ${behindKey('tenant', 'source', 'order_id')}
       AND sign = 1 AND revision = 1 AND topic = {topic:String} AND ${whereOf(scope)}
     ORDER BY tenant, source, order_id LIMIT ${KEY_PAGE_ROWS}`,
    {
      params: { ...after, topic: scope.topic, partition: scope.partition, mark },
      settings: { max_threads: 1, optimize_read_in_order: 1 },
      signal,
    },
  )
}

/**
 * Up to the mark. What another partition has of a key that is ours now it had before the topic grew, and never adds to.
 */
function whereOf({ grownTo }: BaseScope): string {
  const own = 'partition = {partition:UInt16} AND offset <= {mark:Int64}'
  return grownTo === undefined ? own : `(partition != {partition:UInt16} OR ${own})`
}

function isOwn({ tenant, source, order_id: orderId }: KeyRow, { partition, grownTo }: BaseScope): boolean {
  return grownTo === undefined || partitionOf(keyText({ tenant, source, orderId }), grownTo) === partition
}

const COLUMNS = ORDER_CHANGES_COLUMNS.map((column) => column.name).join(', ')

async function readSome(scope: BaseScope, mark: number, keys: readonly OrderKey[]): Promise<OrderRow[]> {
  const rows = await shardOf(scope.warehouse, scope.partition).query<Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM ${scope.database}.order_changes
     WHERE (tenant, source, order_id) IN (${keys.map(literal).join(', ')})
       AND sign = 1 AND topic = {topic:String} AND ${whereOf(scope)}
     ORDER BY tenant, source, order_id, revision DESC
     LIMIT 1 BY tenant, source, order_id`,
    {
      params: { topic: scope.topic, partition: scope.partition, mark },
      settings: { max_threads: 1, max_query_size: MAX_QUERY_BYTES },
    },
  )
  return rows.map((row) => decodeChangeRow(row))
}

function literal({ tenant, source, orderId }: OrderKey): string {
  return `(${[tenant, source, orderId].map(quoteString).join(', ')})`
}
