import { shardOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'

export interface Position {
  topic: string
  partition: number
  offset: number
}

/** Local days (YYYY-MM-DD) of all rows behind an offset: in whatever bucket of a view they are. Reads offsets of the whole table. */
export async function readDaysBehind(
  warehouse: Warehouse,
  database: string,
  { topic, partition, offset }: Position,
): Promise<string[]> {
  const rows = await shardOf(warehouse, partition).query<{ day: string }>(
    `SELECT DISTINCT arrayJoin(arrayConcat([sale_day], booked_day, refund_line_day)) AS day
     FROM ${database}.order_changes
     WHERE sign != 0 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset > {offset:Int64}
     ORDER BY day`,
    { params: { topic, partition, offset } },
  )
  return rows.map(({ day }) => day)
}
