/** One record of the file becomes a line of an invoice, or a fault that says what is wrong with it. Nothing is guessed. */
import { externalId, label } from '../../../core/contracts/fields.ts'
import { decimal, toE4 } from '../../../core/contracts/money.ts'
import { countryName } from './countries.ts'
import type { CsvRecord } from './csv-parser.ts'
import { decodeFields } from './decode-fields.ts'
import type { LineFault } from './line-fault.ts'
import { parseLocalTime } from './local-text.ts'
import { remember } from './remember.ts'

export const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const

/** The part of a line that travels in events. Decimals are in their shortest form, so that equal means equal text. */
export interface InvoiceLine {
  sku: string
  name: string
  quantity: string
  unitPrice: string
}

export interface FileLine {
  invoice: string
  line: InvoiceLine
  quantityE4: number
  unitPriceE4: number
  /** Local wall time, read as if it were UTC. */
  localMs: number
  customerId: string | null
  country: string | null
}

export interface LineParserOptions {
  /** When the file was first judged: later dates than the day after it are faults. Fixed, so that a restart agrees. */
  judgedAtMs: number
}

const EARLIEST_LOCAL_MS = Date.UTC(2000, 0, 2)
/** To the end of tomorrow in any time zone. */
const TOMORROW_MS = 2 * 86_400_000
/** Leaves room for the prefix of a later pass within the contract's 200. */
const MAX_INVOICE_CHARS = 180

export function createLineParser(options: LineParserOptions): (record: CsvRecord) => FileLine | LineFault {
  const latestMs = options.judgedAtMs + TOMORROW_MS
  const decimalOf = remember(exactDecimal)
  const instantOf = remember(parseLocalTime)
  const customerOf = remember((text: string) => identifier(text.replace(/^(\d+)\.0$/, '$1')))
  const countryOf = remember((text: string) =>
    label.safeParse(text).success ? { name: countryName(text) } : undefined,
  )
  const skuOf = remember((text: string) => identifier(text))
  const nameOf = remember((text: string) => (label.safeParse(text).success ? text : undefined))
  const invoiceOf = remember((text: string) =>
    text.length <= MAX_INVOICE_CHARS ? identifier(text) : undefined,
  )

  return (record) => {
    if ('fault' in record) return fault(record.fault, 'the record could not be read as CSV')
    const fields = decodeFields(record)
    if (fields === undefined) return fault('encoding', 'not UTF-8')
    if (fields.length !== COLUMNS.length)
      return fault('columns', `${fields.length} columns instead of ${COLUMNS.length}`)
    const [number, stockCode, description, quantity, date, price, customer, land] = fields as Eight
    const invoice = invoiceOf(number.trim())
    if (invoice === undefined) return fault('identifier', 'InvoiceNo')
    const sku = skuOf(stockCode.trim())
    if (sku === undefined) return fault('identifier', 'StockCode')
    const name = nameOf(description.trim())
    if (name === undefined) return fault('text', 'Description')
    const amount = decimalOf(quantity.trim())
    if (amount === undefined) return fault('number', `Quantity ${quantity}`)
    const unitPrice = decimalOf(price.trim())
    if (unitPrice === undefined) return fault('number', `UnitPrice ${price}`)
    const localMs = instantOf(date.trim())
    if (localMs === undefined) return fault('date', `InvoiceDate ${date}`)
    if (localMs < EARLIEST_LOCAL_MS || localMs >= latestMs)
      return fault('date', `InvoiceDate ${date} out of bounds`)
    const customerId = customer.trim() === '' ? null : customerOf(customer.trim())
    if (customerId === undefined) return fault('identifier', 'CustomerID')
    const country = countryOf(land.trim())
    if (country === undefined) return fault('text', 'Country')
    const line = { sku, name, quantity: amount.text, unitPrice: unitPrice.text }
    const { e4: quantityE4 } = amount
    return {
      invoice,
      line,
      quantityE4,
      unitPriceE4: unitPrice.e4,
      localMs,
      customerId,
      country: country.name,
    }
  }
}

type Eight = [string, string, string, string, string, string, string, string]

function fault(reason: LineFault['reason'], detail: string): LineFault {
  return { reason, detail }
}

function identifier(text: string): string | undefined {
  return externalId.safeParse(text).success ? text : undefined
}

/** "2.50" and "02.5" become "2.5"; more than four decimals are exact only when the rest are zeros. */
function exactDecimal(text: string): { text: string; e4: number } | undefined {
  const short = (text.includes('.') ? text.replace(/\.?0+$/, '') : text).replace(/^(-?)0+(?=\d)/, '$1')
  if (!/^-?\d/.test(text) || text.endsWith('.') || !decimal.safeParse(short).success) return undefined
  return { text: short === '-0' ? '0' : short, e4: toE4(short) }
}
