/** How many partitions the topic had when its log began: a run that takes it from there grows where it grew. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { parseGrowth, partitionsGrown } from '../../core/contracts/partition-growth.ts'
import type { EventLog } from '../../core/log/event-log.ts'

const READ_LIMITS = { maxRecords: 10_000, maxBytes: 16 * 2 ** 20 }

/** As a run knows it that has taken the log from its beginning: by the growth that opened each later partition. */
export async function firstPartitionsOf(
  warehouse: Warehouse,
  database: string,
  topic: string,
): Promise<number | undefined> {
  const rows = await warehouse.query<{ partition: number; told: string[] }>(
    `SELECT partition, argMin(arrayFilter((json, tenant) -> tenant = '', progress_json, progress_tenant), mark_first) AS told
     FROM ${database}.order_changes WHERE tenant = '' AND source = {topic:String} GROUP BY partition`,
    { params: { topic } },
  )
  const grown = rows.flatMap(({ told }) => told.map((json) => partitionsGrown.parse(JSON.parse(json)).from))
  return rows.length === 0 ? undefined : Math.min(rows.length, ...grown)
}

/** As the log itself tells, read to its first growth; undefined where it never grew. Minutes for a long log. */
export async function firstPartitionsIn(log: EventLog, topic: string): Promise<number | undefined> {
  const { first, next } = await log.bounds(topic, 0)
  for (let at = first; at < next; ) {
    const records = await log.read(topic, 0, at, READ_LIMITS)
    if (records.length === 0) return undefined
    for (const { key, value } of records) {
      const growth = parseGrowth(key, value)
      if (growth !== undefined) return growth.from
    }
    at = records.at(-1)!.offset + 1
  }
  return undefined
}
