/** Where a partition's chain of marks ends, and whether it is one chain. */
import { markKey, markPrefix } from '../../clickhouse/native/mark-key.ts'
import { shardOf, shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { MarkPosition, Progress } from './batch.ts'

export interface PartitionScope {
  warehouse: Warehouse
  database: string
  topic: string
  partition: number
}

/** The last mark as it stands in the table. */
export interface StoredMark extends MarkPosition {
  hash: string
  incarnation: string
  serverStart: number
  /** Wall clock of its batch: tells a batch from the same one computed by another writer. */
  takenAt: number
}

interface MarkJson {
  mark_first: string
  mark_last: string
  mark_hash: string
  incarnation: string
  mark_server_start: string
  taken_at: string
  progress_tenant: string[]
  progress_source: string[]
  progress_json: string[]
  progress_fact_at: string[]
}

/** The last mark, looked for from `from` (a first offset) on; undefined where there is none. */
export async function readLastMark(scope: PartitionScope, from = 0): Promise<StoredMark | undefined> {
  const [row] = await serverOf(scope).query<MarkJson>(
    `SELECT mark_first, mark_last, mark_hash, incarnation, mark_server_start, taken_at,
            progress_tenant, progress_source, progress_json, progress_fact_at
     FROM ${scope.database}.order_changes WHERE ${OF_PARTITION} AND order_id >= {from:String}
     ORDER BY order_id DESC, mark_last DESC LIMIT 1`,
    { params: { ...paramsOf(scope), from: markKey(scope.partition, from) }, settings: { max_threads: 1 } },
  )
  return row && fromJson(row)
}

/** The highest partition that has a mark on this server; undefined where none has. */
export async function readLastPartition({
  warehouse,
  database,
  topic,
}: Omit<PartitionScope, 'partition'>): Promise<number | undefined> {
  const [row] = await warehouse.query<{ partition: number }>(
    `SELECT partition FROM ${database}.order_changes WHERE tenant = '' AND source = {topic:String}
     ORDER BY order_id DESC LIMIT 1`,
    { params: { topic }, settings: { max_threads: 1 } },
  )
  return row?.partition
}

/** How many partitions are open, on all servers; undefined before the first. */
export async function countOpenPartitions(
  scope: Omit<PartitionScope, 'partition'>,
): Promise<number | undefined> {
  const servers = shardsOf(scope.warehouse)
  const lasts = await Promise.all(servers.map((warehouse) => readLastPartition({ ...scope, warehouse })))
  // Where some servers have opened theirs and others not yet, those count that all have.
  const counts = lasts.map((last, server) => (last === undefined ? 0 : last - server + servers.length))
  return Math.min(...counts) || undefined
}

/** Of several the one that has this partition. */
function serverOf({ warehouse, partition }: PartitionScope): Warehouse {
  return shardOf(warehouse, partition)
}

export interface ChainFaults {
  marks: number
  /** Marks that do not begin right behind the one before: a fork or a hole. */
  breaks: number
  /** True where the chain begins with an opening mark. */
  opened: boolean
}

/** Reads the whole chain on the server. */
export async function checkChain(scope: PartitionScope): Promise<ChainFaults> {
  const [row] = await serverOf(scope).query<{ marks: string; breaks: string; opened: number }>(
    `SELECT count() AS marks, countIf(n > 1 AND mark_first != before + 1) AS breaks,
            countIf(n = 1 AND mark_last = mark_first - 1) AS opened
     FROM (
       SELECT mark_first, mark_last, row_number() OVER w AS n, lagInFrame(mark_last) OVER w AS before
       FROM ${scope.database}.order_changes WHERE ${OF_PARTITION}
       WINDOW w AS (ORDER BY mark_first, mark_last ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW))`,
    { params: paramsOf(scope), settings: { max_threads: 1 } },
  )
  return { marks: Number(row!.marks), breaks: Number(row!.breaks), opened: Number(row!.opened) === 1 }
}

const OF_PARTITION = `tenant = '' AND source = {topic:String} AND startsWith(order_id, {prefix:String})`

function paramsOf({ topic, partition }: PartitionScope): Record<string, unknown> {
  return { topic, prefix: markPrefix(partition) }
}

function fromJson(row: MarkJson): StoredMark {
  const progress = row.progress_tenant.map((tenant, index): [string, Progress] => {
    const source = row.progress_source[index]!
    const factAt = instantMs(row.progress_fact_at[index]!)
    return [`${tenant}/${source}`, { tenant, source, json: row.progress_json[index]!, factAt }]
  })
  return {
    first: Number(row.mark_first),
    last: Number(row.mark_last),
    hash: row.mark_hash,
    incarnation: row.incarnation,
    serverStart: Number(row.mark_server_start),
    takenAt: instantMs(row.taken_at),
    progress: new Map(progress),
  }
}

function instantMs(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}
