import type { Warehouse } from '../../warehouse.ts'

export const DATABASE = 'revwall_r1'
export const RUN = 'r1'

/** An order of the tests: one line, one booked entry, both on its day. */
export interface TestOrder {
  id: string
  tenant?: string
  /** Local day; the instant is the noon of it unless `at` says another. */
  day?: string
  at?: string
  amount?: string
  customer?: string
  sku?: string
}

export interface TestBatch {
  partition?: number
  first: number
  orders: TestOrder[]
  serverStart?: number
  /** Another attempt at the same step has the same id. */
  settings?: Record<string, string | number>
}

/**
 * Writes orders with their mark as one insert, through the real views, with the guard of EXACTNESS.md step 3. The
 * first of a partition is without orders: its mark opens the chain.
 */
export async function writeBatch(warehouse: Warehouse, batch: TestBatch): Promise<void> {
  const { partition = 0, first, settings } = batch
  const rows = [markRow(batch), ...batch.orders.map((order, i) => orderRow(order, partition, first + i))]
  const names = COLUMNS.map((column) => column.split(' ')[0]).join(', ')
  await warehouse.insert(
    `INSERT INTO ${DATABASE}.order_changes (${names}) SELECT * FROM input('${COLUMNS.join(', ').replaceAll("'", "\\'")}')
     WHERE throwIf((SELECT ifNull(maxOrNull(mark_last), -2) FROM ${DATABASE}.order_changes WHERE tenant = '' AND source = 'orders'
         AND startsWith(order_id, {prefix:String})) != {m:Int64}, 'fenced') = 0
       AND throwIf((SELECT count() FROM ${DATABASE}.open_barriers), 'barrier') = 0
     FORMAT JSONEachRow`,
    new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\n')),
    {
      queryId: `${RUN}:${partition}:${first}`,
      params: { prefix: `${padded(partition, 5)}/`, m: batch.orders.length === 0 ? -2 : first - 1 },
      settings: { insert_deduplicate: 0, optimize_on_insert: 0, parallel_view_processing: 1, ...settings },
    },
  )
}

const COLUMNS = [
  'tenant String',
  'source String',
  'order_id String',
  'revision UInt32',
  'sign Int8',
  "taken_at DateTime64(3, 'UTC')",
  'topic String',
  'partition UInt16',
  'offset Int64',
  'kind String',
  'counts UInt8',
  "placed_at DateTime64(3, 'UTC')",
  'sale_day Date',
  'sale_hour UInt8',
  'customer String',
  'currency String',
  'country String',
  'line_sku Array(String)',
  'line_name Array(String)',
  'line_category Array(String)',
  'line_quantity Array(Decimal(18, 4))',
  'line_unit_cost Array(Nullable(Decimal(18, 4)))',
  'line_amount Array(Decimal(18, 4))',
  "booked_at Array(DateTime64(3, 'UTC'))",
  'booked_day Array(Date)',
  'booked_hour Array(UInt8)',
  'booked_kind Array(String)',
  'booked_reference Array(String)',
  'booked_currency Array(String)',
  'booked_amount Array(Decimal(18, 4))',
  'booked_orders Array(Int8)',
  'booked_units Array(Decimal(18, 4))',
  'mark_first Int64',
  'mark_last Int64',
  'mark_rows UInt32',
  'mark_server_start Int64',
]

const padded = (value: number, digits: number) => String(value).padStart(digits, '0')

function markRow({ partition = 0, first, orders, serverStart = 0 }: TestBatch) {
  return {
    source: 'orders',
    order_id: `${padded(partition, 5)}/${padded(first, 16)}`,
    taken_at: '2011-12-09 12:00:00.000',
    topic: 'orders',
    partition,
    mark_first: first,
    mark_last: first + orders.length - 1,
    mark_rows: orders.length,
    mark_server_start: serverStart,
  }
}

function orderRow(order: TestOrder, partition: number, offset: number) {
  const { id, tenant = 'acme', day = '2011-12-09', customer = 'c1', amount = '10.50', sku = 'mug' } = order
  const at = order.at ?? `${day} 12:00:00.000`
  return {
    tenant,
    source: 'shop',
    order_id: id,
    revision: 1,
    sign: 1,
    taken_at: '2011-12-09 12:00:00.000',
    topic: 'orders',
    partition,
    offset,
    kind: 'sale',
    counts: 1,
    placed_at: at,
    sale_day: day,
    sale_hour: 12,
    customer,
    currency: 'GBP',
    country: 'United Kingdom',
    line_sku: [sku],
    line_name: ['Mug'],
    line_category: [''],
    line_quantity: ['2'],
    line_unit_cost: [null],
    line_amount: [amount],
    booked_at: [at],
    booked_day: [day],
    booked_hour: [12],
    booked_kind: ['sale'],
    booked_reference: [''],
    booked_currency: ['GBP'],
    booked_amount: [amount],
    booked_orders: [1],
    booked_units: ['2'],
  }
}
