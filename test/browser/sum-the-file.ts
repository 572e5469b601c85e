/** Online Retail added up by itself: of the replay's code it uses only the list of countries' names. */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { countryName } from '../../ingest/sources/replay/countries.ts'
import { SHIPPED_FILE } from '../../ingest/sources/replay/shipped-file.ts'

/** Amounts in 1/10,000 pounds. A country that the file does not tell is ''. */
export interface FileSums {
  lines: number
  allE4: bigint
  byDay: Map<string, bigint>
  byMonth: Map<string, bigint>
  byCountry: Map<string, bigint>
  byMonthAndCountry: Map<string, bigint>
}

export function sumTheFile(): FileSums {
  const sums: FileSums = {
    lines: 0,
    allE4: 0n,
    byDay: new Map(),
    byMonth: new Map(),
    byCountry: new Map(),
    byMonthAndCountry: new Map(),
  }
  const text = gunzipSync(readFileSync(SHIPPED_FILE)).toString('utf8')
  for (const row of text.split('\n').slice(1)) {
    // Only descriptions are quoted, so the columns behind them are counted from the end.
    const cells = row.trimEnd().split(',')
    if (cells.length < 8) continue
    const [quantity, date, price, , land] = cells.slice(-5) as [string, string, string, string, string]
    const month = date.slice(0, 7)
    const country = countryName(land) ?? ''
    const amountE4 = BigInt(quantity) * e4(price)
    sums.lines += 1
    sums.allE4 += amountE4
    add(sums.byDay, date.slice(0, 10), amountE4)
    add(sums.byMonth, month, amountE4)
    add(sums.byCountry, country, amountE4)
    add(sums.byMonthAndCountry, `${month} ${country}`, amountE4)
  }
  return sums
}

function add(sums: Map<string, bigint>, key: string, amountE4: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amountE4)
}

function e4(price: string): bigint {
  const [whole = '', fraction = ''] = price.split('.')
  if (fraction.length > 4) throw new Error(`more than four decimals: ${price}`)
  return BigInt(whole + fraction.padEnd(4, '0'))
}
