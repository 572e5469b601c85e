/**
 * The insert that is a compare-and-set (EXACTNESS.md, step 3): rows land only if the last mark of their partition is
 * still the one they were computed from, and no barrier is open. ClickHouse refuses a second running query of the same
 * id, and the guard is read while the id is held: one writer per step, whoever it is.
 */
import { inputStructure } from './encode-rows.ts'
import { markKey, markPrefix } from './mark-key.ts'
import { ORDER_CHANGES_COLUMNS } from './order-row.ts'

export interface GuardedInsert {
  database: string
  table?: string
  /** Where open barriers stand; another table only in the guard's self-test. */
  barriers?: string
  run: string
  topic: string
  partition: number
  /** First offset of the mark that the batch builds on; everything behind it is looked at. */
  lastMarkFirst: number
  /** The offset up to which the table is complete: the guard's m. */
  mark: number
  /** The batch in Native format, all columns in the table's order. */
  body: Uint8Array
}

export interface InsertStatement {
  sql: string
  body: Uint8Array
  queryId: string
  params: Record<string, unknown>
  settings: Record<string, string | number>
}

/** The messages by which a refused insert is told from any other error. */
export const FENCED = 'fenced'
export const BARRIER = 'barrier'

export function guardedInsert(insert: GuardedInsert): InsertStatement {
  const table = `${insert.database}.${insert.table ?? 'order_changes'}`
  const columns = ORDER_CHANGES_COLUMNS.map((column) => column.name).join(', ')
  const sql = `INSERT INTO ${table} (${columns})
SELECT ${columns} FROM input('${inputStructure(ORDER_CHANGES_COLUMNS)}')
WHERE throwIf(coalesce((
    SELECT maxOrNull(mark_last) FROM ${table}
    WHERE tenant = '' AND source = {topic:String} AND startsWith(order_id, {prefix:String}) AND order_id >= {from:String}
  ), -9) != {mark:Int64}, '${FENCED}') = 0
  AND throwIf((SELECT count() FROM ${insert.database}.${insert.barriers ?? 'open_barriers'}) > 0, '${BARRIER}') = 0
FORMAT Native`
  return {
    sql,
    body: insert.body,
    queryId: batchQueryId(insert.run, insert.topic, insert.partition, insert.mark),
    params: {
      topic: insert.topic,
      prefix: markPrefix(insert.partition),
      from: markKey(insert.partition, insert.lastMarkFirst),
      mark: insert.mark,
    },
    settings: insert.body.length > LARGE_BODY_BYTES ? LARGE_BATCH_SETTINGS : BATCH_SETTINGS,
  }
}

/** Of all writers of a partition's next step, whatever they want to write. */
export function batchQueryId(run: string, topic: string, partition: number, mark: number): string {
  return `${run}:${topic}:${partition}:${mark + 1}`
}

/** One batch is one block is one part; nothing is deduplicated, deferred or optimised away. */
const BATCH_SETTINGS = {
  insert_deduplicate: 0,
  async_insert: 0,
  max_insert_threads: 1,
  parallel_view_processing: 1,
  max_threads: 2,
  optimize_on_insert: 0,
  max_block_size: 4_000_000,
  max_insert_block_size: 4_000_000,
  min_insert_block_size_rows: 4_000_000,
  min_insert_block_size_bytes: 4_000_000_000,
  input_format_parallel_parsing: 0,
  max_partitions_per_insert_block: 0,
} as const

const LARGE_BODY_BYTES = 4_000_000

/** While a large batch is written the next one is computed on the other core: one thread for each is the most. */
const LARGE_BATCH_SETTINGS = { ...BATCH_SETTINGS, max_threads: 1, parallel_view_processing: 0 }
