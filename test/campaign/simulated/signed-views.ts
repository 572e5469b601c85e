/**
 * The views of the simulated warehouse: signed sums of `order_changes` by a key, as every view of the product is, with the
 * keys of the oracle's ledger. What a batch adds to each of them follows from its rows alone.
 */
import type { ChangeRow } from '../../../clickhouse/native/order-row.ts'
import { formatDay } from '../../../core/runtime/local-time.ts'
import { Ledger, type LedgerKey, type LedgerSums } from '../../oracle/ledger.ts'

export interface SignedView {
  name: string
  /** Fields of the ledger that are in its key, as columns; all others are summed over. */
  keys: readonly (keyof LedgerKey)[]
}

export const SIGNED_VIEWS: readonly SignedView[] = [
  { name: 'headline_v1', keys: ['tenant', 'currency', 'axis', 'day'] },
  { name: 'sources_v1', keys: ['tenant', 'source', 'currency', 'axis', 'day'] },
  // Without a day, so that it is always compared whole.
  { name: 'statuses_v1', keys: ['tenant', 'currency', 'axis', 'status'] },
]

const FIELDS = ['tenant', 'source', 'currency', 'axis', 'day', 'status'] as const

/** A ledger without what the view does not tell apart. */
export function asSeenBy({ keys }: SignedView, ledger: Ledger): Ledger {
  return ledger.without(...FIELDS.filter((field) => !keys.includes(field)))
}

/** Signed sums of rows, as fine as any view wants them. */
export function ledgerOfChanges(rows: readonly ChangeRow[]): Ledger {
  const ledger = new Ledger()
  for (const row of rows) if (row.sign !== 0) addRow(ledger, row)
  return ledger
}

const NO_ORDERS = ['credit', 'adjustment']

function addRow(ledger: Ledger, row: ChangeRow): void {
  const { tenant, source, status, sign } = row
  row.bookedAmount.forEach((amount, i) => {
    const isOrder = !NO_ORDERS.includes(row.bookedKind[i]!)
    const orders = isOrder ? sign * row.bookedOrders[i]! : 0
    const key = { tenant, source, status, axis: 'booked', day: dayText(row.bookedDay[i]!) } as const
    ledger.add({ ...key, currency: row.bookedCurrency[i]! }, sumsOf(sign, amount, orders))
  })
  const orders = row.counts === 1 && row.kind === 'sale' ? sign : 0
  const key = { tenant, source, status, axis: 'sale', day: dayText(row.saleDay) } as const
  ledger.add({ ...key, currency: row.currency }, sumsOf(sign, row.net, orders))
}

function sumsOf(sign: number, amount: number, orders: number): LedgerSums {
  return { amountE4: BigInt(sign) * BigInt(amount), orders }
}

const days = new Map<number, string>()

function dayText(day: number): string {
  let text = days.get(day)
  if (text === undefined) {
    text = formatDay(day)
    days.set(day, text)
  }
  return text
}
