/** Small files of order lines for tests. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COLUMNS } from '../parse-line.ts'

export const HEADER = COLUMNS.join(',')

/** `invoice,sku,name,quantity,local time,price,customer,country` */
export function fileLine(
  invoice: string,
  time: string,
  more: Partial<Record<'sku' | 'quantity' | 'price' | 'customer' | 'country', string>> = {},
): string {
  const {
    sku = '85123A',
    quantity = '6',
    price = '2.55',
    customer = '17850.0',
    country = 'United Kingdom',
  } = more
  return [invoice, sku, 'HANGING HEART', quantity, time, price, customer, country].join(',')
}

export function writeCsv(folder: string, lines: readonly string[], name = 'shop.csv'): string {
  const file = join(folder, name)
  writeFileSync(file, `${[HEADER, ...lines].join('\r\n')}\r\n`)
  return file
}
