/** The orders of R's package rfm as columns of customers, in the order of their first appearance. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type RfmColumns, sharedColumns } from '../rfm-columns.ts'

export const RFM_TODAY = dayOf('2006-12-31')

export function readRfmOrders(): RfmColumns & { names: string[] } {
  const file = new URL('../../../test/data/rfm/rfm_data_orders.csv.gz', import.meta.url)
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n').slice(1)
  const rows = new Map<string, number>()
  const columns = sharedColumns(lines.length)
  for (const line of lines) {
    const [name = '', date = '', revenue = ''] = line.split(',')
    const row = rows.get(name) ?? rows.size
    rows.set(name, row)
    columns.lastDay[row] = Math.max(columns.lastDay[row]!, dayOf(date))
    columns.orders[row]! += 1
    columns.monetaryE4[row]! += Number(revenue) * 10_000
  }
  return { names: [...rows.keys()], ...columns }
}

function dayOf(date: string): number {
  return Date.parse(date) / 86_400_000
}
