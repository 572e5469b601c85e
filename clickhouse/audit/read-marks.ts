import { shardsOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'

/** The newest mark of a partition: up to `last` the table is complete. */
export interface Mark {
  topic: string
  partition: number
  incarnation: string
  first: number
  last: number
  rows: number
  hash: string
  code: string
  /** Seconds since 1970; 0 where it was not told. */
  serverStart: number
  /** Wall clock when the batch was taken, ms since 1970. */
  takenAt: number
}

/** More partitions than these in one warehouse are a mistake. */
const MAX_PARTITIONS = 4096

/**
 * The mark vector, by topic and partition. Marks are first in the key of `order_changes` and sorted by partition and
 * offset there, so both steps jump from key to key: marks by the million cost no more than a few.
 */
export async function readMarks(warehouse: Warehouse, database: string): Promise<Mark[]> {
  const prefixes = await readPrefixes(warehouse, database)
  if (prefixes.length === 0) return []
  const params = Object.fromEntries(
    prefixes.flatMap(({ topic, prefix }, i) => [
      [`topic${i}`, topic],
      [`prefix${i}`, prefix],
    ]),
  )
  const selects = prefixes.map((_, i) => `SELECT * FROM (${newestSql(database, i)})`)
  const rows = await warehouse.query<MarkRow>(`${selects.join(' UNION ALL ')}`, {
    params,
  })
  // Sorted here: in the query ORDER BY would belong to the last SELECT of the union alone.
  return rows
    .map(markOf)
    .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
}

/** The mark vector of all servers. */
export async function readAllMarks(warehouse: Warehouse, database: string): Promise<Mark[]> {
  const marks = await Promise.all(shardsOf(warehouse).map((server) => readMarks(server, database)))
  return marks.flat()
}

/** Equal for equal vectors. */
export function marksKey(marks: Mark[]): string {
  return marks.map(({ topic, partition, last }) => `${topic}/${partition}/${last}`).join(' ')
}

interface Prefix {
  topic: string
  /** `00003/` */
  prefix: string
}

async function readPrefixes(warehouse: Warehouse, database: string): Promise<Prefix[]> {
  const prefixes: Prefix[] = []
  for (
    let next = await readNext(warehouse, database);
    next;
    next = await readNext(warehouse, database, next)
  ) {
    prefixes.push(next)
    if (prefixes.length > MAX_PARTITIONS)
      throw new Error(`More than ${MAX_PARTITIONS} partitions have marks.`)
  }
  return prefixes
}

async function readNext(warehouse: Warehouse, database: string, after?: Prefix): Promise<Prefix | undefined> {
  const behind =
    after === undefined
      ? '1'
      : '(source > {topic:String} OR (source = {topic:String} AND order_id > {end:String}))'
  const [row] = await warehouse.query<{ topic: string; order_id: string }>(
    `SELECT source AS topic, order_id FROM ${database}.order_changes
     WHERE tenant = '' AND sign = 0 AND ${behind} ORDER BY source, order_id LIMIT 1`,
    // ':' comes right after '9' in ASCII: nothing of this partition sorts behind it.
    after && { params: { topic: after.topic, end: `${after.prefix}:` } },
  )
  return row && { topic: row.topic, prefix: row.order_id.slice(0, row.order_id.indexOf('/') + 1) }
}

// An opening mark and the first batch have the same first offset, hence the same key: the larger last one is newer.
function newestSql(database: string, i: number): string {
  return `SELECT source AS topic, partition, incarnation, mark_first, mark_last, mark_rows, mark_hash, mark_code,
      mark_server_start, toUnixTimestamp64Milli(taken_at) AS taken_ms
    FROM ${database}.order_changes
    WHERE tenant = '' AND sign = 0 AND source = {topic${i}:String} AND startsWith(order_id, {prefix${i}:String})
    ORDER BY order_id DESC, mark_last DESC LIMIT 1`
}

interface MarkRow {
  topic: string
  partition: number
  incarnation: string
  mark_first: string
  mark_last: string
  mark_rows: number
  mark_hash: string
  mark_code: string
  mark_server_start: string
  taken_ms: string
}

function markOf(row: MarkRow): Mark {
  return {
    topic: row.topic,
    partition: row.partition,
    incarnation: row.incarnation,
    first: Number(row.mark_first),
    last: Number(row.mark_last),
    rows: row.mark_rows,
    hash: row.mark_hash,
    code: row.mark_code,
    serverStart: Number(row.mark_server_start),
    takenAt: Number(row.taken_ms),
  }
}
