/** How far a run is behind the log's end. */
import { readAllMarks } from '../clickhouse/audit/read-marks.ts'
import type { Run } from '../clickhouse/runs/run.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'

export interface RunLag {
  /** Records that it has not taken, over all partitions. */
  records: number
  /** Version of the code that wrote its newest mark; empty before the first. */
  code: string
}

const TOPIC = 'orders'

/** By its marks, not by what a group has committed: that may be lost. */
export async function readLag(warehouse: Warehouse, log: EventLog, { database }: Run): Promise<RunLag> {
  const marks = (await readAllMarks(warehouse, database)).filter(({ topic }) => topic === TOPIC)
  const lasts = new Map(marks.map(({ partition, last }) => [partition, last]))
  let records = 0
  for (let partition = 0; partition < log.partitions(TOPIC); partition++)
    records += (await log.bounds(TOPIC, partition)).next - 1 - (lasts.get(partition) ?? -1)
  const newest = marks.toSorted((a, b) => b.takenAt - a.takenAt)[0]
  return { records, code: newest?.code ?? '' }
}
