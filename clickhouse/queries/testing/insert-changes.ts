/** Hand-written rows of `order_changes` for tests: what a processor would write, without one. */
import { randomUUID } from 'node:crypto'
import { fromE4, sumToE4 } from '../../../core/contracts/money.ts'
import { type SourceProgress, sourceProgress } from '../../../core/contracts/source-progress.ts'
import { formatDay, localDay, localHour } from '../../../core/runtime/local-time.ts'
import type { Warehouse } from '../../warehouse.ts'

export interface SampleEntry {
  at: string
  kind: 'sale' | 'edit' | 'cancel' | 'refund' | 'credit' | 'adjustment'
  amount: string
  orders?: number
  units?: string
  reference?: string
}

export interface SampleOrder {
  tenant: string
  orderId: string
  entries: SampleEntry[]
  sign?: 1 | -1
  revision?: number
  source?: string
  zone?: string
  kind?: 'sale' | 'credit' | 'adjustment'
  status?: string
  customer?: string
  country?: string
  currency?: string
  region?: string
  state?: string
  channel?: string
  salesRep?: string
  shipping?: string
  tax?: string
  /** Default: the instant of the first entry. */
  placedAt?: string
  /** Default: 1; an order that does not count has no entries either, unless it was cancelled. */
  counts?: 0 | 1
  lines?: {
    sku: string
    name: string
    quantity: string
    amount: string
    unitCost?: string
    category?: string
  }[]
  /** Of the record that made it; default: none. */
  origin?: { incarnation: string; partition: number; offset: number }
  refundLines?: { sku: string; name: string; quantity: string; amount: string; at: string }[]
}

/** Inserts the changes as one batch, with the marks after it. */
export async function insertChanges(
  warehouse: Warehouse,
  database: string,
  rows: readonly (SampleOrder | SampleMark)[],
): Promise<void> {
  const lines = rows.map((row) => JSON.stringify('progress' in row ? markRow(row) : orderRow(row)))
  await warehouse.insert(
    `INSERT INTO ${database}.order_changes FORMAT JSONEachRow`,
    Buffer.from(`${lines.join('\n')}\n`),
    { queryId: randomUUID() },
  )
}

export interface SampleMark {
  partition: number
  first: number
  last: number
  progress: Partial<SourceProgress>[]
  factAt?: string
  rows?: number
  topic?: string
}

/** The same progress in all partitions, as a source broadcasts it. */
export function marks(partitions: number, at: Omit<SampleMark, 'partition'>): SampleMark[] {
  return Array.from({ length: partitions }, (_, partition) => ({ ...at, partition }))
}

const sqlTime = (iso: string) => new Date(iso).toISOString().replace('T', ' ').replace('Z', '')

function markRow({ partition, first, last, progress, factAt, rows = 0, topic = 'orders' }: SampleMark) {
  const told = progress.map((one) => sourceProgress.parse({ ...PROGRESS, ...one }))
  return {
    tenant: '',
    source: topic,
    order_id: `${String(partition).padStart(5, '0')}/${String(first).padStart(16, '0')}`,
    sign: 0,
    taken_at: sqlTime(new Date().toISOString()),
    topic,
    partition,
    offset: last,
    mark_first: first,
    mark_last: last,
    mark_rows: rows,
    progress_tenant: told.map(({ tenant }) => tenant),
    progress_source: told.map(({ source }) => source),
    progress_json: told.map((one) => JSON.stringify(one)),
    progress_fact_at: told.map(() => sqlTime(factAt ?? '1970-01-01T00:00:00Z')),
  }
}

const PROGRESS = { type: 'source.progress', schemaVersion: 1, tenant: 'acme', source: 'shop', mode: 'replay' }

function orderRow(order: SampleOrder) {
  const { zone = 'Europe/London', entries, currency = 'GBP', lines = [], refundLines = [] } = order
  const placedAt = order.placedAt ?? entries[0]!.at
  const placed = Date.parse(placedAt)
  const day = (iso: string) => formatDay(localDay(Date.parse(iso), zone))
  const gross = fromE4(entries.reduce((sum, { amount }) => sum + sumToE4(amount), 0n))
  return {
    tenant: order.tenant,
    source: order.source ?? 'shop',
    order_id: order.orderId,
    revision: order.revision ?? 1,
    sign: order.sign ?? 1,
    taken_at: sqlTime(new Date().toISOString()),
    topic: 'orders',
    ...order.origin,
    role: 'sale',
    kind: order.kind ?? 'sale',
    status: order.status ?? 'completed',
    counts: order.counts ?? 1,
    placed_at: sqlTime(placedAt),
    changed_at: sqlTime(placedAt),
    zone,
    sale_day: day(placedAt),
    sale_hour: localHour(placed, zone),
    customer: order.customer ?? '',
    currency,
    country: order.country ?? '',
    region: order.region ?? '',
    state: order.state ?? '',
    channel: order.channel ?? '',
    sales_rep: order.salesRep ?? '',
    shipping: order.shipping ?? null,
    tax: order.tax ?? null,
    gross,
    net: gross,
    line_sku: lines.map(({ sku }) => sku),
    line_name: lines.map(({ name }) => name),
    line_category: lines.map(({ category = '' }) => category),
    line_quantity: lines.map(({ quantity }) => quantity),
    line_unit_price: lines.map(() => '1'),
    line_unit_cost: lines.map(({ unitCost = null }) => unitCost),
    line_amount: lines.map(({ amount }) => amount),
    refund_line_sku: refundLines.map(({ sku }) => sku),
    refund_line_name: refundLines.map(({ name }) => name),
    refund_line_day: refundLines.map(({ at }) => day(at)),
    refund_line_quantity: refundLines.map(({ quantity }) => quantity),
    refund_line_amount: refundLines.map(({ amount }) => amount),
    refund_line_refund: refundLines.map(() => 'r1'),
    refund_id: refundLines.slice(0, 1).map(() => 'r1'),
    refund_at: refundLines.slice(0, 1).map(({ at }) => sqlTime(at)),
    booked_at: entries.map(({ at }) => sqlTime(at)),
    booked_day: entries.map(({ at }) => day(at)),
    booked_hour: entries.map(({ at }) => localHour(Date.parse(at), zone)),
    booked_kind: entries.map(({ kind }) => kind),
    booked_reference: entries.map(({ reference = '' }) => reference),
    booked_currency: entries.map(() => currency),
    booked_amount: entries.map(({ amount }) => amount),
    booked_orders: entries.map(
      ({ orders, kind }) => orders ?? (['sale', 'credit', 'adjustment'].includes(kind) ? 1 : 0),
    ),
    booked_units: entries.map(({ units = '0' }) => units),
  }
}
