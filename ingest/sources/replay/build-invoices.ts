/**
 * Lines become invoices. The file is sorted by time, give or take TOLERANCE_MS, so an invoice can be given away as soon
 * as time has moved on: no line that is still accepted can then belong to it or to an earlier one. Invoices leave in the
 * order of their earliest line's time, equal times in the order of the file.
 */
import { MAX_AMOUNT_E4, multiplyE4 } from '../../../core/contracts/money.ts'
import { MAX_LINES } from '../../../core/contracts/order.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { LineFault } from './line-fault.ts'
import type { FileLine, InvoiceLine } from './parse-line.ts'

export type InvoiceKind = 'plain' | 'cancellation' | 'adjustment'

export interface Invoice {
  id: string
  kind: InvoiceKind
  localMs: number
  customerId: string | null
  country: string | null
  lines: InvoiceLine[]
  /** Σ quantity × unit price, each line rounded half-even at four decimals. */
  amountE4: number
}

export interface InvoiceBuilder {
  /** Returns why the line cannot be taken, or undefined when it was. */
  add(line: FileLine): LineFault | undefined
  /** The invoices that became complete, in order. */
  take(): Invoice[]
  /** All that are left, in order. */
  end(): Invoice[]
}

/** A line may be this much older than the newest before it. */
export const TOLERANCE_MS = 5 * 60_000
/** Twice the tolerance: a line accepted later is then more than TOLERANCE_MS younger than the invoice's first. */
export const OPEN_FOR_MS = 2 * TOLERANCE_MS
const MAX_OPEN_INVOICES = 100_000
const MAX_INVOICES = 10_000_000

export function createInvoiceBuilder(): InvoiceBuilder {
  const open = new Map<string, Invoice>()
  const closed = new Set<string>()
  let complete: Invoice[] = []
  let newestMs = 0

  /** At each step of time and not when asked, so that nothing depends on how the file was cut into pieces. */
  function close(beforeMs: number): void {
    const old = [...open.values()].filter(({ localMs }) => localMs < beforeMs)
    for (const { id } of old) {
      open.delete(id)
      closed.add(id)
    }
    // An invoice may have lost its only line to a fault. Sorting is stable, and a Map keeps the order of the file.
    complete.push(...old.filter(({ lines }) => lines.length > 0).sort((a, b) => a.localMs - b.localMs))
  }

  function take(): Invoice[] {
    const taken = complete
    complete = []
    return taken
  }

  return {
    add(line) {
      if (line.localMs < newestMs - TOLERANCE_MS)
        return { reason: 'out-of-order', detail: 'older than the lines before it' }
      if (line.localMs > newestMs) {
        newestMs = line.localMs
        close(newestMs - OPEN_FOR_MS)
      }
      if (closed.has(line.invoice))
        return { reason: 'late', detail: `invoice ${line.invoice} is closed already` }
      const known = open.get(line.invoice) ?? emptyInvoice(line)
      if (open.size >= MAX_OPEN_INVOICES || closed.size >= MAX_INVOICES)
        throw new RevwallError('REPLAY_TOO_LARGE', 'too many invoices, or too many at once; split the file')
      open.set(line.invoice, known)
      return extend(known, line)
    },
    take,
    end() {
      close(Number.POSITIVE_INFINITY)
      return take()
    },
  }
}

function emptyInvoice(line: FileLine): Invoice {
  const { invoice: id, localMs, customerId, country } = line
  return { id, kind: kindOf(id), localMs, customerId, country, lines: [], amountE4: 0 }
}

function kindOf(id: string): InvoiceKind {
  if (/^C\d/.test(id)) return 'cancellation'
  return /^A\d/.test(id) ? 'adjustment' : 'plain'
}

function extend(invoice: Invoice, line: FileLine): LineFault | undefined {
  if (line.customerId !== invoice.customerId || line.country !== invoice.country)
    return { reason: 'conflict', detail: 'another customer or country than the invoice’s first line' }
  const amountE4 = invoice.amountE4 + lineAmountE4(line.quantityE4, line.unitPriceE4)
  if (!(Math.abs(amountE4) < MAX_AMOUNT_E4) || invoice.lines.length >= MAX_LINES)
    return {
      reason: 'too-large',
      detail: `at most ${MAX_LINES} lines and a sum below ${MAX_AMOUNT_E4 / 10_000}`,
    }
  invoice.lines.push(line.line)
  invoice.amountE4 = amountE4
  invoice.localMs = Math.min(invoice.localMs, line.localMs)
  return undefined
}

/** Whole products need no bigint; they are nearly all. */
export function lineAmountE4(quantityE4: number, unitPriceE4: number): number {
  const product = quantityE4 * unitPriceE4
  if (Number.isSafeInteger(product) && product % 10_000 === 0) return product / 10_000
  return multiplyE4(quantityE4, unitPriceE4)
}
