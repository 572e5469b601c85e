/** A fold of the log: every record of the topic read again from its beginning and folded in memory, without ClickHouse. */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import { orderKey } from '../../core/contracts/order.ts'
import { parseGrowth } from '../../core/contracts/partition-growth.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { type EventLog, type LogRecord, partitionOf } from '../../core/log/event-log.ts'
import { formatDay } from '../../core/runtime/local-time.ts'
import { firstPartitionsIn } from '../../processors/orders/first-partitions.ts'
import { foldOrder } from '../../processors/orders/fold-order.ts'
import { parseLogRecord } from '../../processors/orders/parse-record.ts'
import { Books } from './books.ts'

export interface LogScope {
  log: EventLog
  topic: string
  tenants: ReadonlyMap<string, TenantConfig>
}

export async function foldLog(scope: LogScope): Promise<Map<string, OrderRow>> {
  const rows = new Map<string, OrderRow>()
  for await (const { partition, record } of inOrder(scope)) {
    const parsed = parseLogRecord(record, contextOf(scope, partition))
    if (!('event' in parsed) || parsed.event.type === 'source.progress' || parsed.event.role !== 'sale')
      continue
    const key = orderKey(parsed.event)
    const { row } = foldOr(() =>
      foldOrder(rows.get(key), parsed.event as never, scope.tenants.get(parsed.event.tenant)!.timeZone),
    )
    if (row !== undefined) rows.set(key, row)
  }
  return rows
}

const contextOf = ({ log, topic, tenants }: LogScope, partition: number) => ({
  ...{ run: '', topic, partition, incarnation: log.incarnation, code: '', serverStart: 0, tenants },
})

/**
 * Partition by partition, up to where the topic grows; then on from there. Behind a growth, what stands where its key does
 * not belong stands once more where it does.
 */
async function* inOrder(scope: LogScope): AsyncIterable<{ partition: number; record: LogRecord }> {
  const { log, topic } = scope
  const places = Array.from({ length: log.partitions(topic) }, (_, partition) =>
    readPartition(log, topic, partition)[Symbol.asyncIterator](),
  )
  // As many as there were at the beginning; then keys may be divided by any rule.
  let count = (await firstPartitionsIn(log, topic)) ?? log.partitions(topic)
  for (let grown: number | undefined; ; ) {
    let next: number | undefined
    for (const [partition, records] of places.slice(0, count).entries())
      for (let at = await records.next(); !at.done; at = await records.next()) {
        const growth = parseGrowth(at.value.key, at.value.value)
        if (growth?.from === count) {
          next = growth.to
          break
        }
        if (isAtHome(at.value, contextOf(scope, partition), grown)) yield { partition, record: at.value }
      }
    if (next === undefined) return
    count = next
    grown = next
  }
}

function isAtHome(
  record: LogRecord,
  context: ReturnType<typeof contextOf>,
  keys: number | undefined,
): boolean {
  if (keys === undefined) return true
  const parsed = parseLogRecord(record, context)
  if (!('event' in parsed) || parsed.event.type === 'source.progress') return true
  return partitionOf(orderKey(parsed.event), keys) === context.partition
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
