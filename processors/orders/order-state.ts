/**
 * The state of one partition's orders at exactly one mark. Which orders exist is a fingerprint index; what they are
 * comes from a bounded cache of recent rows, else from the base table. Nothing of it is kept on disk: it is made anew
 * from the base table, and thrown away whenever its mark is not the table's.
 */
import { decodeChangeRow } from '../../clickhouse/native/decode-row.ts'
import { ORDER_CHANGES_COLUMNS, type OrderRow } from '../../clickhouse/native/order-row.ts'
import { quoteString } from '../../clickhouse/native/quote-string.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { orderKey } from '../../core/contracts/order.ts'
import { FingerprintIndex } from './fingerprint-index.ts'

/** An order of 20 lines is about 6 KB: 60 MB when the cache is full; the one used longest ago goes first. */
const MAX_RECENT_ROWS = 10_000
/** Keys read in one page while the index is made. */
const KEY_PAGE_ROWS = 200_000
/** Orders asked for in one query, and the text it may reach with ids of 200 characters of four bytes. */
const LOOKUP_KEYS = 2_000
const MAX_QUERY_BYTES = 8_000_000

export interface StateScope {
  warehouse: Warehouse
  database: string
  topic: string
  partition: number
}

export class OrderState {
  readonly #scope: StateScope
  readonly #index = new FingerprintIndex()
  readonly #recent = new Map<string, OrderRow>()
  /** The offset up to which the state is complete. */
  mark: number

  private constructor(scope: StateScope, mark: number) {
    this.#scope = scope
    this.mark = mark
  }

  get orders(): number {
    return this.#index.size
  }

  /** Makes the state at `mark` from the base table. */
  static async load(scope: StateScope, mark: number): Promise<OrderState> {
    const state = new OrderState(scope, mark)
    let after = { tenant: '', source: '', order_id: '' }
    for (;;) {
      const page = await readKeys(scope, mark, after)
      for (const key of page) state.#index.add(keyOf(key))
      if (page.length < KEY_PAGE_ROWS) return state
      after = page.at(-1)!
    }
  }

  /** The present rows of these orders; those that were never seen are absent. */
  async rows(keys: ReadonlySet<string>): Promise<Map<string, OrderRow>> {
    const found = new Map<string, OrderRow>()
    const missing: string[] = []
    for (const key of keys) {
      const recent = this.#recent.get(key)
      if (recent) found.set(key, recent)
      else if (this.#index.has(key)) missing.push(key)
    }
    for (let i = 0; i < missing.length; i += LOOKUP_KEYS) {
      const rows = await readRows(this.#scope, this.mark, missing.slice(i, i + LOOKUP_KEYS))
      for (const row of rows) found.set(orderKey(row), row)
    }
    return found
  }

  /** Takes over what a batch that has landed made of its orders, and its mark. */
  apply(rows: ReadonlyMap<string, OrderRow>, from: number, to: number): void {
    if (from !== this.mark) throw new Error(`the state stands at ${this.mark}, the batch builds on ${from}`)
    for (const [key, row] of rows) {
      this.#index.add(key)
      this.#recent.delete(key)
      this.#recent.set(key, row)
    }
    for (const key of this.#recent.keys()) {
      if (this.#recent.size <= MAX_RECENT_ROWS) break
      this.#recent.delete(key)
    }
    this.mark = to
  }
}

interface KeyRow {
  tenant: string
  source: string
  order_id: string
}

function keyOf(row: KeyRow): string {
  return orderKey({ tenant: row.tenant, source: row.source, orderId: row.order_id })
}

function readKeys(scope: StateScope, mark: number, after: KeyRow): Promise<KeyRow[]> {
  return scope.warehouse.query<KeyRow>(
    `SELECT tenant, source, order_id FROM ${scope.database}.order_changes
     WHERE (tenant, source, order_id) > ({tenant:String}, {source:String}, {order_id:String})
       AND sign = 1 AND revision = 1 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset <= {mark:Int64}
     ORDER BY tenant, source, order_id LIMIT ${KEY_PAGE_ROWS}`,
    {
      params: { ...after, topic: scope.topic, partition: scope.partition, mark },
      settings: { max_threads: 1, optimize_read_in_order: 1 },
    },
  )
}

const COLUMNS = ORDER_CHANGES_COLUMNS.map((column) => column.name).join(', ')

async function readRows(scope: StateScope, mark: number, keys: readonly string[]): Promise<OrderRow[]> {
  const rows = await scope.warehouse.query<Record<string, unknown>>(
    `SELECT ${COLUMNS} FROM ${scope.database}.order_changes
     WHERE (tenant, source, order_id) IN (${keys.map(literal).join(', ')})
       AND sign = 1 AND topic = {topic:String} AND partition = {partition:UInt16} AND offset <= {mark:Int64}
     ORDER BY tenant, source, order_id, revision DESC
     LIMIT 1 BY tenant, source, order_id`,
    {
      params: { topic: scope.topic, partition: scope.partition, mark },
      settings: { max_threads: 1, max_query_size: MAX_QUERY_BYTES },
    },
  )
  return rows.map((row) => decodeChangeRow(row))
}

/** Tenant and source hold no slash; an order id may. */
function literal(key: string): string {
  const [tenant = '', source = ''] = key.split('/', 2)
  const orderId = key.slice(tenant.length + source.length + 2)
  return `(${[tenant, source, orderId].map(quoteString).join(', ')})`
}
