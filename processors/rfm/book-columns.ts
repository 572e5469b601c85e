/** What a customer book keeps of each customer, by row. Shared memory, so that threads may score rows where they are. */
import type { CustomerValues } from './live-thresholds.ts'
import { type RfmColumns, sharedColumns, UNSCORED } from './rfm-columns.ts'

/** Days are days since 1970-01-01, 0 where no order counts; revenue in 1/10,000 of the currency. */
export interface CustomerFigures {
  firstDay: number
  lastDay: number
  orders: number
  revenueE4: number
}

export const NO_ORDERS: CustomerFigures = { firstDay: 0, lastDay: 0, orders: 0, revenueE4: 0 }

export interface BookColumns {
  rfm: RfmColumns
  firstDay: Int32Array
  revision: Uint32Array
  cell: Uint8Array
  segment: Uint8Array
}

export function bookColumns(rows: number): BookColumns {
  return {
    rfm: sharedColumns(rows),
    firstDay: new Int32Array(rows),
    revision: new Uint32Array(rows),
    cell: new Uint8Array(rows).fill(UNSCORED),
    segment: new Uint8Array(rows).fill(UNSCORED),
  }
}

/** Columns of twice as many rows, with those that are there. */
export function doubled(from: BookColumns): BookColumns {
  const to = bookColumns(2 * from.firstDay.length)
  to.rfm.lastDay.set(from.rfm.lastDay)
  to.rfm.orders.set(from.rfm.orders)
  to.rfm.monetaryE4.set(from.rfm.monetaryE4)
  to.firstDay.set(from.firstDay)
  to.revision.set(from.revision)
  to.cell.set(from.cell)
  to.segment.set(from.segment)
  return to
}

export function firstRows({ rfm }: BookColumns, rows: number): RfmColumns {
  return {
    lastDay: rfm.lastDay.subarray(0, rows),
    orders: rfm.orders.subarray(0, rows),
    monetaryE4: rfm.monetaryE4.subarray(0, rows),
  }
}

export function writeFigures({ rfm, firstDay }: BookColumns, row: number, figures: CustomerFigures): void {
  const hasOrders = figures.orders > 0
  firstDay[row] = hasOrders ? figures.firstDay : 0
  rfm.lastDay[row] = hasOrders ? figures.lastDay : 0
  rfm.orders[row] = figures.orders
  rfm.monetaryE4[row] = figures.revenueE4
}

export function figuresAt({ rfm, firstDay }: BookColumns, row: number): CustomerFigures {
  return {
    firstDay: firstDay[row]!,
    lastDay: rfm.lastDay[row]!,
    orders: rfm.orders[row]!,
    revenueE4: rfm.monetaryE4[row]!,
  }
}

export function valuesAt({ rfm }: BookColumns, row: number): CustomerValues {
  return { lastDay: rfm.lastDay[row]!, orders: rfm.orders[row]!, monetaryE4: rfm.monetaryE4[row]! }
}
