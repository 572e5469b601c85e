/** A fold of the log: every record of the topic read again from its beginning and folded in memory, without ClickHouse. */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { orderKey } from '../../core/contracts/order.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import { foldOrder } from '../../processors/orders/fold-order.ts'
import { parseLogRecord } from '../../processors/orders/parse-record.ts'
import { Books } from './books.ts'

export interface LogScope {
  log: EventLog
  topic: string
  tenants: ReadonlyMap<string, TenantConfig>
}

export async function foldLog({ log, topic, tenants }: LogScope): Promise<Map<string, OrderRow>> {
  const rows = new Map<string, OrderRow>()
  for (let partition = 0; partition < log.partitions(topic); partition++) {
    const context = {
      run: '',
      topic,
      partition,
      incarnation: log.incarnation,
      code: '',
      serverStart: 0,
      tenants,
    }
    for await (const record of readPartition(log, topic, partition)) {
      const parsed = parseLogRecord(record, context)
      if (!('event' in parsed) || parsed.event.type === 'source.progress' || parsed.event.role !== 'sale')
        continue
      const key = orderKey(parsed.event)
      const { row } = foldOr(() =>
        foldOrder(rows.get(key), parsed.event as never, tenants.get(parsed.event.tenant)!.timeZone),
      )
      if (row !== undefined) rows.set(key, row)
    }
  }
  return rows
}

export async function* readPartition(
  log: EventLog,
  topic: string,
  partition: number,
): AsyncIterable<LogRecord> {
  const bounds = await log.bounds(topic, partition)
  for (let next = bounds.first; next < bounds.next; ) {
    const page = await log.read(topic, partition, next, { maxRecords: 5_000, maxBytes: 8 * 2 ** 20 })
    if (page.length === 0) return
    yield* page
    next = page.at(-1)!.offset + 1
  }
}

/** The books that folded rows amount to. */
export function booksOfRows(rows: Iterable<OrderRow>): Books {
  const books = new Books()
  for (const row of rows) {
    const common = {
      tenant: row.tenant,
      source: row.source,
      status: row.status,
      isGuest: row.customer === '',
    }
    row.bookedAmount.forEach((amount, index) => {
      const currency = row.bookedCurrency[index]!
      const day = formatDay(row.bookedDay[index]!)
      const isOrder = !['credit', 'adjustment'].includes(row.bookedKind[index]!)
      const sums = { amountE4: BigInt(amount), orders: isOrder ? row.bookedOrders[index]! : 0 }
      books.post({ ...common, axis: 'booked', currency, day, ...sums })
    })
    const sums = { amountE4: BigInt(row.net), orders: row.counts === 1 && row.kind === 'sale' ? 1 : 0 }
    books.post({ ...common, axis: 'sale', currency: row.currency, day: formatDay(row.saleDay), ...sums })
  }
  return books
}

// An order that cannot be folded is a dead letter; the oracle checks those apart.
function foldOr(fold: () => ReturnType<typeof foldOrder>): Partial<ReturnType<typeof foldOrder>> {
  try {
    return fold()
  } catch {
    return {}
  }
}
