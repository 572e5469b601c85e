/** What the state asks of the base table: which orders it has, and what they are. */
import { decodeChangeRow } from '../../clickhouse/native/decode-row.ts'
import { ORDER_CHANGES_COLUMNS, type OrderRow } from '../../clickhouse/native/order-row.ts'
import { quoteString } from '../../clickhouse/native/quote-string.ts'
import { shardOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { FingerprintPages, KeySplitter } from './key-stream.ts'
import { keyText, type OrderKey, partitionOfKey } from './order-key.ts'

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

/**
 * Fingerprints of all orders at `mark`: high and low of each, in any order, in pages. One pass over the table: pages by key
 * would each read the beginning of every part. Throws `CLICKHOUSE_UNREACHABLE` where not all have come.
 */
export async function* readFingerprints(
  scope: BaseScope,
  mark: number,
  signal: AbortSignal,
): AsyncGenerator<Uint32Array<ArrayBuffer>> {
  const { topic, partition, grownTo } = scope
  const shard = shardOf(scope.warehouse, partition)
  const from = `FROM ${scope.database}.order_changes
     WHERE sign = 1 AND revision = 1 AND topic = {topic:String} AND ${whereOf(scope)}`
  const asked = { params: { topic, partition, mark }, settings: { max_threads: 1 }, signal }
  const [counted] = await shard.query<{ orders: string }>(`SELECT count() AS orders ${from}`, asked)
  const pages = new FingerprintPages(KEY_PAGE_ROWS)
  const keys = new KeySplitter((bytes, start, end) => {
    if (grownTo === undefined || partitionOfKey({ bytes, start, end }, grownTo) === partition)
      pages.add(bytes, start, end)
  })
  for await (const chunk of shard.stream(`SELECT tenant, source, order_id ${from}`, asked)) {
    keys.take(chunk)
    yield* pages.full()
  }
  const due = Number(counted!.orders)
  // Other partitions of a topic that has grown may have got more meanwhile, and never less.
  if (!keys.isAtEnd || keys.count < due || (grownTo === undefined && keys.count !== due))
    throw new RevwallError(
      'CLICKHOUSE_UNREACHABLE',
      `ClickHouse told of ${keys.count} orders, and it has ${due}.`,
    )
  yield pages.rest()
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

/**
 * Up to the mark. What another partition has of a key that is ours now it had before the topic grew, and never adds to.
 */
function whereOf({ grownTo }: BaseScope): string {
  const own = 'partition = {partition:UInt16} AND offset <= {mark:Int64}'
  return grownTo === undefined ? own : `(partition != {partition:UInt16} OR ${own})`
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
