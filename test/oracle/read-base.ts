/** The ledger as `order_changes` has it: signed sums over all rows, with no state and no view. */
import { decodeChangeRow } from '../../clickhouse/native/decode-row.ts'
import { type ChangeRow, ORDER_CHANGES_COLUMNS } from '../../clickhouse/native/order-row.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { Ledger, type LedgerKey } from './ledger.ts'
import { sumText } from './sum-text.ts'

export interface TableScope {
  warehouse: Warehouse
  database: string
}

export interface LedgerRow extends LedgerKey {
  amount: string
  orders: string
}

export async function readBaseLedger({ warehouse, database }: TableScope): Promise<Ledger> {
  const rows = await warehouse.query<LedgerRow>(`
    SELECT tenant, source, entry.1 AS currency, 'booked' AS axis, toString(entry.2) AS day, status,
      sum(sign * entry.3) AS amount, sum(sign * if(entry.5 IN ('credit', 'adjustment'), 0, entry.4)) AS orders
    FROM ${database}.order_changes
    ARRAY JOIN arrayZip(booked_currency, booked_day, booked_amount, booked_orders, booked_kind) AS entry
    WHERE sign != 0 GROUP BY tenant, source, currency, day, status
    UNION ALL
    SELECT tenant, source, currency, 'sale' AS axis, toString(sale_day) AS day, status,
      sum(sign * net) AS amount, sum(sign * toInt64(counts AND kind = 'sale')) AS orders
    FROM ${database}.order_changes
    WHERE sign != 0 GROUP BY tenant, source, currency, day, status`)
  return ledgerOfRows(rows)
}

export function ledgerOfRows(rows: readonly LedgerRow[]): Ledger {
  const ledger = new Ledger()
  for (const row of rows) ledger.add(row, { amountE4: sumText(row.amount), orders: Number(row.orders) })
  return ledger
}

const COLUMNS = ORDER_CHANGES_COLUMNS.map(({ name }) => name).join(', ')

/** The present row of every order. */
export async function readPresentRows({ warehouse, database }: TableScope): Promise<ChangeRow[]> {
  const rows = await warehouse.query<Record<string, unknown>>(`
    SELECT ${COLUMNS} FROM ${database}.order_changes WHERE sign = 1
    ORDER BY tenant, source, order_id, revision DESC LIMIT 1 BY tenant, source, order_id`)
  return rows.map((row) => decodeChangeRow(row))
}
