/** The chain of marks: begun by an opening one, unbroken, complete to the log's end, and true of the log's bytes. */
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { hashRecords } from '../../processors/orders/packed-batch.ts'
import { bounded } from './diff-ledgers.ts'
import type { TableScope } from './read-base.ts'
import { readPartition } from './read-log.ts'

interface MarkRow {
  first: string
  last: string
  rows: number
  hash: string
  /** Change rows that the table holds of these offsets. */
  found: string
}

export async function checkMarks(scope: TableScope, log: EventLog, topic: string): Promise<string[]> {
  const faults: string[] = []
  for (let partition = 0; partition < log.partitions(topic); partition++) {
    const marks = await readMarks(scope, topic, partition)
    const records = await collect(readPartition(log, topic, partition))
    const { next } = await log.bounds(topic, partition)
    faults.push(...bounded('marks', checkChain(`marks: partition ${partition}`, marks, records, next)))
  }
  return faults
}

function checkChain(
  where: string,
  marks: readonly MarkRow[],
  records: readonly LogRecord[],
  next: number,
): string[] {
  const faults: string[] = []
  const [opening] = marks
  if (opening === undefined || Number(opening.last) !== Number(opening.first) - 1)
    faults.push(`${where} has no opening mark`)
  marks.forEach((mark, index) => {
    const before = marks[index - 1]
    if (before === undefined) return
    const range = `${where}, offsets ${mark.first} to ${mark.last}`
    if (Number(mark.first) !== Number(before.last) + 1)
      faults.push(`${range}: the mark before ends at ${before.last}`)
    if (mark.rows !== Number(mark.found))
      faults.push(`${range}: ${mark.rows} rows were written, ${mark.found} are there`)
    const covered = records.filter(
      ({ offset }) => offset >= Number(mark.first) && offset <= Number(mark.last),
    )
    if (hashRecords(covered) !== mark.hash) faults.push(`${range}: the hash is not that of the log's bytes`)
  })
  const last = Number(marks.at(-1)?.last ?? -1)
  if (last !== next - 1) faults.push(`${where} is complete to offset ${last}, the log to ${next - 1}`)
  return faults
}

function readMarks(
  { warehouse, database }: TableScope,
  topic: string,
  partition: number,
): Promise<MarkRow[]> {
  return warehouse.query<MarkRow>(
    `SELECT mark_first AS first, mark_last AS last, mark_rows AS rows, mark_hash AS hash, countIf(offset BETWEEN first AND last) AS found
     FROM (SELECT mark_first, mark_last, mark_rows, mark_hash FROM ${database}.order_changes
       WHERE sign = 0 AND topic = {topic:String} AND partition = {partition:UInt16}) AS marks
     CROSS JOIN (SELECT -1 AS offset UNION ALL SELECT offset FROM ${database}.order_changes
       WHERE sign != 0 AND topic = {topic:String} AND partition = {partition:UInt16}) AS changes
     GROUP BY first, last, rows, hash ORDER BY first, last`,
    { params: { topic, partition } },
  )
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
