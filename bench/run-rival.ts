/**
 * What a team writes first: read the log, parse JSON, insert JSONEachRow into the same tables with the same views. It
 * neither knows edits nor survives a crash exactly: each event is one row with sign 1.
 */
import { ORDER_CHANGES_COLUMNS } from '../clickhouse/native/order-row.ts'
import type { OrderEvent } from '../core/contracts/order.ts'
import { benchRecord } from './bench-order.ts'
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

function rowOf(event: OrderEvent): Record<string, unknown> {
  const at = event.placedAt.slice(0, -1).replace('T', ' ')
  const amount = event.lines.reduce((sum, line) => sum + Number(line.quantity) * Number(line.unitPrice), 0)
  const gross = (amount + Number(event.shipping)).toFixed(4)
  return {
    tenant: event.tenant,
    source: event.source,
    order_id: event.orderId,
    revision: 1,
    sign: 1,
    taken_at: at,
    kind: 'sale',
    version: event.version,
    status: event.status,
    counts: 1,
    placed_at: at,
    sale_day: at.slice(0, 10),
    sale_hour: Number(at.slice(11, 13)),
    customer: event.customerId,
    currency: event.currency,
    region: event.region,
    country: event.country,
    channel: event.channel,
    shipping: event.shipping,
    gross,
    net: gross,
    line_sku: event.lines.map((line) => line.sku),
    line_name: event.lines.map((line) => line.name),
    line_category: event.lines.map((line) => line.category),
    line_quantity: event.lines.map((line) => line.quantity),
    line_unit_price: event.lines.map((line) => line.unitPrice),
    line_unit_cost: event.lines.map((line) => line.unitCost),
    line_amount: event.lines.map((line) => (Number(line.quantity) * Number(line.unitPrice)).toFixed(4)),
    booked_at: [at],
    booked_day: [at.slice(0, 10)],
    booked_hour: [Number(at.slice(11, 13))],
    booked_kind: ['sale'],
    booked_reference: [''],
    booked_currency: [event.currency],
    booked_amount: [gross],
    booked_orders: [1],
    booked_units: [String(event.lines.length)],
  }
}
