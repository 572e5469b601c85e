/**
 * Opening marks: the rows that begin each partition's chain. Written once, when table and log are both new; any other
 * start without them is refused by the recovery, unless somebody asks for the log to be taken from its beginning.
 */

import { encodeRows } from '../../clickhouse/native/encode-rows.ts'
import { guardedInsert } from '../../clickhouse/native/guarded-insert.ts'
import { ORDER_CHANGES_COLUMNS } from '../../clickhouse/native/order-row.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { BatchContext } from './batch.ts'
import { markRow } from './mark-row.ts'
import { readLastMark } from './read-position.ts'

export interface OpenMarksOptions {
  warehouse: Warehouse
  database: string
  log: EventLog
  context: Omit<BatchContext, 'partition'>
  /** Open at the log's first offset although it holds records: a deliberate taking of the whole log. */
  takeLog: boolean
  now: number
}

/** Opens the partitions that have no mark, if table and log are new or `takeLog` says so; resolves with how many. */
export async function openMarks(options: OpenMarksOptions): Promise<number> {
  const { warehouse, database, log, context } = options
  const [table] = await warehouse.query<{
    rows: string
  }>(`SELECT count() AS rows FROM ${database}.order_changes
    WHERE tenant != ''`)
  if (Number(table!.rows) > 0) return 0
  let opened = 0
  for (let partition = 0; partition < log.partitions(context.topic); partition++) {
    const scope = { warehouse, database, topic: context.topic, partition }
    const bounds = await log.bounds(context.topic, partition)
    const isNew = bounds.next === 0 || options.takeLog
    if (!isNew || (await readLastMark(scope)) !== undefined) continue
    await writeOpeningMark(options, partition, bounds.first)
    opened += 1
  }
  return opened
}

/** -9 is what the guard reads where a partition has no mark at all. */
const NO_MARK = -9

async function writeOpeningMark(options: OpenMarksOptions, partition: number, first: number): Promise<void> {
  const context = { ...options.context, partition }
  const mark = { first, last: first - 1, progress: new Map() }
  const row = markRow({ first, last: first - 1, rows: 0, hash: '', mark }, { takenAt: options.now }, context)
  const { sql, body, ...rest } = guardedInsert({
    database: options.database,
    run: context.run,
    topic: context.topic,
    partition,
    lastMarkFirst: 0,
    mark: NO_MARK,
    body: encodeRows(ORDER_CHANGES_COLUMNS, [row]).body,
  })
  await options.warehouse.insert(sql, body, rest)
}
