/**
 * What a team writes first: read the log, parse JSON, insert JSONEachRow into the same tables with the same views. It
 * neither knows edits nor survives a crash exactly: each event is one row with sign 1.
 */
import { ORDER_CHANGES_COLUMNS } from '../clickhouse/native/order-row.ts'
import { benchRecord } from './bench-order.ts'
import { rowOf } from './contenders/rival-row.ts'
import { type Bed, DATABASE } from './pipeline-bed.ts'

const BATCHES = [10_000, 50_000, 100_000]
const APPEND = 5_000

export async function runRival(bed: Bed, orders: number): Promise<{ perSecond: number; batch: number }> {
  for (let at = 0; at < orders; at += APPEND)
    await bed.log.append(
      'orders',
      Array.from({ length: APPEND }, (_, i) => benchRecord(at + i, 'json')),
    )
  const results: { perSecond: number; batch: number }[] = []
  for (const batch of BATCHES) {
    const since = performance.now()
    for (let partition = 0; partition < bed.log.partitions('orders'); partition++) {
      const { next } = await bed.log.bounds('orders', partition)
      for (let offset = 0; offset < next; ) offset = await consume(bed, { partition, offset }, batch)
    }
    results.push({ batch, perSecond: (orders / (performance.now() - since)) * 1_000 })
  }
  return results.reduce((best, one) => (one.perSecond > best.perSecond ? one : best))
}

async function consume(
  { log, warehouse }: Bed,
  { partition, offset: from }: { partition: number; offset: number },
  batch: number,
): Promise<number> {
  const lines: string[] = []
  let offset = from
  while (lines.length < batch) {
    const records = await log.read('orders', partition, offset, {
      maxRecords: batch - lines.length,
      maxBytes: 64 * 2 ** 20,
    })
    if (records.length === 0) break
    for (const record of records)
      lines.push(JSON.stringify(rowOf(JSON.parse(Buffer.from(record.value).toString()))))
    offset = records.at(-1)!.offset + 1
  }
  const columns = ORDER_CHANGES_COLUMNS.map(({ name }) => name).join(', ')
  const body = Buffer.from(lines.join('\n'))
  await warehouse.insert(`INSERT INTO ${DATABASE}.order_changes (${columns}) FORMAT JSONEachRow`, body, {
    queryId: `rival-${batch}-${partition}-${from}`,
    settings: { async_insert: 0, max_insert_block_size: 4_000_000, input_format_parallel_parsing: 0 },
  })
  return offset
}
