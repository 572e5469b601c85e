/**
 * Books of Online Retail straight from its CSV, with no code of the replay source: every line is quantity × price on the
 * day that the line itself tells, whatever became of it. Money and lines alone: which line belongs to which order is the
 * source's business.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Books } from './books.ts'
import { timesE4 } from './exact-decimal.ts'
import { sumText } from './sum-text.ts'

export interface CsvBooks {
  books: Books
  lines: number
  totalE4: bigint
  /** By `YYYY-MM country`, in 1/10,000 units. */
  byMonthAndCountry: Map<string, bigint>
}

/** What the file calls otherwise than revwall does. */
const COUNTRIES: Record<string, string> = { EIRE: 'Ireland', RSA: 'South Africa', Unspecified: '' }

export function readCsvBooks(file: string, tenant: string, source: string, currency: string): CsvBooks {
  const text = gunzipSync(readFileSync(file)).toString('utf8')
  const result: CsvBooks = { books: new Books(), lines: 0, totalE4: 0n, byMonthAndCountry: new Map() }
  for (const line of text.split('\n').slice(1)) {
    if (line.trim() === '') continue
    // Descriptions may hold commas and quotes; what is counted stands before and behind them.
    const invoice = line.slice(0, line.indexOf(','))
    const [quantity, date, price, customer, country] = line.trimEnd().split(',').slice(-5) as string[]
    const amountE4 = timesE4(sumText(quantity!), sumText(price!))
    const day = date!.slice(0, 10)
    const key = { tenant, source, currency, axis: 'booked', day, status: '*' } as const
    const posting = { ...key, isGuest: customer === '', amountE4, orders: 0 }
    result.books.post(posting)
    // Adjustments of bad debt are money, but nothing that was sold.
    if (!invoice.startsWith('A')) result.books.postLine(posting)
    const bucket = `${day.slice(0, 7)} ${COUNTRIES[country!] ?? country}`
    result.byMonthAndCountry.set(bucket, (result.byMonthAndCountry.get(bucket) ?? 0n) + amountE4)
    result.totalE4 += amountE4
    result.lines += 1
  }
  return result
}
