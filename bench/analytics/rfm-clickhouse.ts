/** The rival: the same cells by ClickHouse's SQL, over a table in memory that has the customers already. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { RfmColumns } from '../../processors/rfm/rfm-columns.ts'

const CHUNK = 1_000_000
/** Two integers, a double and our cell. */
const ROW_BYTES = 4 + 4 + 8 + 1

export async function storeCustomers(
  warehouse: Warehouse,
  columns: RfmColumns,
  cells: Uint8Array,
): Promise<void> {
  await warehouse.command(
    'CREATE OR REPLACE TABLE customers (last_day Int32, orders Int32, monetary Float64, ours UInt8) ENGINE = Memory',
  )
  for (let from = 0; from < cells.length; from += CHUNK) {
    const to = Math.min(from + CHUNK, cells.length)
    const body = Buffer.alloc((to - from) * ROW_BYTES)
    for (let row = from, at = 0; row < to; row++, at += ROW_BYTES) {
      body.writeInt32LE(columns.lastDay[row]!, at)
      body.writeInt32LE(columns.orders[row]!, at + 4)
      body.writeDoubleLE(columns.monetaryE4[row]!, at + 8)
      body[at + 16] = cells[row]!
    }
    await warehouse.insert('INSERT INTO customers FORMAT RowBinary', body, { queryId: `customers:${from}` })
  }
}

const LEVELS = '0.2, 0.4, 0.6, 0.8'
const reached = (value: string, cuts: string) =>
  [1, 2, 3, 4].map((k) => `(${value} >= ${cuts}[${k}])`).join(' + ')

/** Type-7 quantiles plus one, as R's package `rfm` cuts; to the fifth, in which a double is not exact. */
export async function scoreInClickHouse(warehouse: Warehouse, today: number): Promise<void> {
  await warehouse.command('CREATE OR REPLACE TABLE scored (ours UInt8, cell UInt8) ENGINE = Memory')
  const recency = `${today} - last_day`
  const cuts = (value: string, unit: number) =>
    `arrayMap(q -> round(q * 5) / 5 + ${unit}, quantilesExactInclusive(${LEVELS})(${value}))`
  await warehouse.command(
    `INSERT INTO scored
     WITH (SELECT (${cuts(recency, 1)}, ${cuts('orders', 1)}, ${cuts('monetary', 10_000)}) FROM customers) AS c,
          c.1 AS r, c.2 AS f, c.3 AS m
     SELECT ours,
       (4 - (${reached(recency, 'r')})) * 25 + (${reached('orders', 'f')}) * 5 + (${reached('monetary', 'm')})
     FROM customers`,
    { settings: { max_threads: 2 } },
  )
}

/** Customers whose cell is another one than ours. */
export async function differentInClickHouse(warehouse: Warehouse): Promise<number> {
  const [row] = await warehouse.query<{ n: string }>('SELECT countIf(ours != cell) AS n FROM scored')
  return Number(row!.n)
}
