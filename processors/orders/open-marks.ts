/**
 * Opening marks: the rows that begin each partition's chain. Written once, when table and log are both new; any other
 * start without them is refused by the recovery, unless somebody asks for the log to be taken from its beginning.
 */
import { encodeRows } from '../../clickhouse/native/encode-rows.ts'
import { guardedInsert } from '../../clickhouse/native/guarded-insert.ts'
import { ORDER_CHANGES_COLUMNS } from '../../clickhouse/native/order-row.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { BatchContext, MarkPosition } from './batch.ts'
import { markRow } from './mark-row.ts'
import { readLastMark } from './read-position.ts'

export interface OpenMarksOptions {
  warehouse: Warehouse
  database: string
  log: EventLog
  context: Omit<BatchContext, 'partition'>
  /** Open at the log's first offset although it holds records: a deliberate taking of the whole log. */
  takeLog: boolean
  /** How many there were at the log's beginning; default: as many as there are. */
  partitions?: number | undefined
  now: number
}

/**
 * Opens the partitions that have no mark, if table and log are new or `takeLog` says so; resolves with how many. All of them
 * in one insert: a partition that is opened later is one by which the topic has grown (pass-growth.ts).
 */
export async function openMarks(options: OpenMarksOptions): Promise<number> {
  const { warehouse, database, log, context, takeLog } = options
  const { topic } = context
  const [table] = await warehouse.query<{ rows: string; marks: string }>(
    `SELECT
       (SELECT count() FROM (SELECT 1 FROM ${database}.order_changes WHERE tenant != '' LIMIT 1)) AS rows,
       (SELECT count() FROM (SELECT 1 FROM ${database}.order_changes WHERE tenant = '' AND source = {topic:String} LIMIT 1)) AS marks`,
    { params: { topic } },
  )
  if (Number(table!.rows) > 0 || (Number(table!.marks) > 0 && !takeLog)) return 0
  const openings: Opening[] = []
  for (let partition = 0; partition < (options.partitions ?? log.partitions(topic)); partition++) {
    const { first, next } = await log.bounds(topic, partition)
    if (next > 0 && !takeLog) return 0
    const mark = await readLastMark({ warehouse, database, topic, partition })
    if (mark === undefined) openings.push({ partition, first, progress: new Map() })
  }
  if (openings.length > 0) await writeOpeningMarks(options, openings)
  return openings.length
}

/** An opening mark: the first offset that its partition takes, and what its sources had told before. */
export interface Opening {
  partition: number
  first: number
  progress: MarkPosition['progress']
}

/** -9 is what the guard reads where a partition has no mark at all. */
const NO_MARK = -9

/** In one insert, which is all of them or none; refused where the first of them is open already. */
export async function writeOpeningMarks(
  options: Pick<OpenMarksOptions, 'warehouse' | 'database' | 'context' | 'now'>,
  openings: readonly Opening[],
): Promise<void> {
  const { warehouse, database, context, now } = options
  // Field by field: the context of a running processor has the shared one behind it.
  const { run, topic, incarnation, code, serverStart, tenants } = context
  const rows = openings.map(({ partition, first, progress }) => {
    const mark = { first, last: first - 1, progress }
    const empty = { first, last: first - 1, rows: 0, hash: '', mark }
    return markRow(
      empty,
      { takenAt: now },
      { run, topic, incarnation, code, serverStart, tenants, partition },
    )
  })
  const { sql, body, ...rest } = guardedInsert({
    ...{ database, run, topic, partition: openings[0]!.partition },
    ...{ lastMarkFirst: 0, mark: NO_MARK, body: encodeRows(ORDER_CHANGES_COLUMNS, rows).body },
  })
  await warehouse.insert(sql, body, rest)
}
