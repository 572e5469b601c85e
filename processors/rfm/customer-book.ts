/**
 * One tenant's customers: what they are by their orders, and what was stored of each. Columns are shared memory, so that
 * threads may score them where they are; they grow by doubling, and a row is a customer's for ever.
 */
import type { BuyerDay } from '../../clickhouse/queries/read-buyers.ts'
import { cellLabeller } from './label-cells.ts'
import { listMoves } from './list-moves.ts'
import { type CustomerValues, LiveThresholds } from './live-thresholds.ts'
import type { Cuts } from './quintile-cuts.ts'
import { CELL_COUNT, type RfmColumns, sharedColumns, UNSCORED } from './rfm-columns.ts'

/** Days are days since 1970-01-01, 0 where no order counts; revenue in 1/10,000 of the currency. */
export interface CustomerFigures {
  firstDay: number
  lastDay: number
  orders: number
  revenueE4: number
}

export interface StoredCustomer extends CustomerFigures {
  customer: string
  /** Number of the customer's last stored change; 0: none. */
  revision: number
  /** Of 125, or UNSCORED. */
  cell: number
}

/** What is to be stored of a customer. */
export interface CustomerChange extends StoredCustomer {
  row: number
  cellBefore: number
}

export const NO_ORDERS: CustomerFigures = { firstDay: 0, lastDay: 0, orders: 0, revenueE4: 0 }

const FIRST_ROWS = 1_024
const MOST_E4 = Number.MAX_SAFE_INTEGER

export class CustomerBook {
  readonly #rows = new Map<string, number>()
  readonly #names: string[] = []
  #now = columnsOf(FIRST_ROWS)
  #stored = columnsOf(FIRST_ROWS)
  readonly #thresholds = new LiveThresholds()
  /** Rows whose figures may differ from what is stored. */
  readonly #touched = new Set<number>()
  /** The walk over all rows: under which cuts it began, and where it goes on; at the end it rests until they change. */
  #walk: { cuts: Cuts | null | undefined; cursor: number } = { cuts: undefined, cursor: 0 }

  /** Who has orders that count. */
  get customers(): number {
    return this.#thresholds.customers
  }

  /** What an earlier process stored. */
  restore({ customer, revision, cell, ...figures }: StoredCustomer): void {
    const row = this.#rowOf(customer)
    write(this.#stored, row, figures)
    this.#stored.revision[row] = revision
    this.#stored.cell[row] = cell
    this.#touched.add(row)
  }

  /** The whole of a customer, at the marks that the book is at. Revenue beyond ±2^53 counts as that: nobody else waits. */
  set(customer: string, { revenueE4, ...rest }: CustomerFigures): void {
    const figures = { ...rest, revenueE4: Math.max(-MOST_E4, Math.min(MOST_E4, revenueE4)) }
    const row = this.#rowOf(customer)
    const before = this.#valuesOf(row)
    write(this.#now, row, figures)
    this.#thresholds.change(before, this.#valuesOf(row))
    this.#touched.add(row)
  }

  /**
   * A customer's orders of a day came or went. False: its first or last day may be another now, or its revenue was too much
   * to be added to, and only the base table tells; until then they stay.
   */
  add({ customer, day, orders, revenueE4 }: Omit<BuyerDay, 'tenant'>): boolean {
    const had = this.figuresOf(customer)
    const figures = { ...had, orders: had.orders + orders, revenueE4: had.revenueE4 + revenueE4 }
    if (orders > 0) {
      figures.firstDay = had.orders > 0 ? Math.min(had.firstDay, day) : day
      figures.lastDay = had.orders > 0 ? Math.max(had.lastDay, day) : day
    }
    this.set(customer, figures)
    if (Math.abs(had.revenueE4) === MOST_E4) return false
    return orders >= 0 || figures.orders <= 0 || (day !== had.firstDay && day !== had.lastDay)
  }

  /**
   * What is to be stored, at most `limit`: touched customers first, then those whom the cuts moved. Each call goes on
   * where the one before ended; a change that is not told as `stored` comes again.
   */
  changes(limit: number): CustomerChange[] {
    const cuts = this.#thresholds.cuts()
    const label = cellLabeller(this.#columns(), cuts)
    const cell = new Uint8Array(1)
    const found: CustomerChange[] = []
    for (const row of this.#touched) {
      if (found.length >= limit) return found
      label({ from: row, to: row + 1 }, cell)
      if (this.#differs(row, cell[0]!)) found.push(this.#changeOf(row, cell[0]!))
      else this.#touched.delete(row)
    }
    return found.length < limit ? [...found, ...this.#moved(cuts, limit - found.length)] : found
  }

  stored({ row, revision, cell, ...figures }: CustomerChange): void {
    write(this.#stored, row, figures)
    this.#stored.revision[row] = revision
    this.#stored.cell[row] = cell
    // What came meanwhile stays to be done.
    if (!this.#differs(row, cell)) this.#touched.delete(row)
  }

  /** Customers and revenue of each cell, as they were stored. */
  sums(): { customers: Int32Array; revenueE4: Float64Array } {
    const sums = { customers: new Int32Array(CELL_COUNT), revenueE4: new Float64Array(CELL_COUNT) }
    const { cell, rfm } = this.#stored
    for (let row = 0; row < this.#names.length; row++) {
      const at = cell[row]!
      const revenue = rfm.monetaryE4[row]!
      if (at === UNSCORED) continue
      sums.customers[at]! += 1
      sums.revenueE4[at]! += revenue
    }
    return sums
  }

  /** All zero where it is not known. */
  figuresOf(customer: string): CustomerFigures {
    const row = this.#rows.get(customer)
    return row === undefined ? NO_ORDERS : this.#figuresAt(row)
  }

  /** Rows are looked at until the walk is through or `limit` are found; with the cuts that hold now, whatever it began with. */
  #moved(cuts: Cuts | null, limit: number): CustomerChange[] {
    const walk = this.#walk
    if (walk.cursor === 0 && walk.cuts === cuts) return []
    if (walk.cursor === 0) walk.cuts = cuts
    const label = cellLabeller(this.#columns(), cuts)
    const segments = this.#stored.cell.subarray(0, this.#names.length)
    const moves = listMoves({ segments, label, cursor: walk.cursor, limit })
    walk.cursor = moves.cursor ?? 0
    const changes: CustomerChange[] = []
    moves.rows.forEach((row, at) => {
      // Those touched are told already.
      if (this.#touched.has(row)) return
      this.#touched.add(row)
      changes.push(this.#changeOf(row, moves.to[at]!))
    })
    return changes
  }

  #changeOf(row: number, cell: number): CustomerChange {
    return {
      row,
      customer: this.#names[row]!,
      revision: this.#stored.revision[row]! + 1,
      cell,
      cellBefore: this.#stored.cell[row]!,
      ...this.#figuresAt(row),
    }
  }

  #differs(row: number, cell: number): boolean {
    const { rfm, firstDay, cell: cells } = this.#stored
    const now = this.#figuresAt(row)
    return (
      cells[row] !== cell ||
      firstDay[row] !== now.firstDay ||
      rfm.lastDay[row] !== now.lastDay ||
      rfm.orders[row] !== now.orders ||
      rfm.monetaryE4[row] !== now.revenueE4
    )
  }

  #figuresAt(row: number): CustomerFigures {
    const { rfm, firstDay } = this.#now
    return {
      firstDay: firstDay[row]!,
      lastDay: rfm.lastDay[row]!,
      orders: rfm.orders[row]!,
      revenueE4: rfm.monetaryE4[row]!,
    }
  }

  #valuesOf(row: number): CustomerValues {
    const { rfm } = this.#now
    return { lastDay: rfm.lastDay[row]!, orders: rfm.orders[row]!, monetaryE4: rfm.monetaryE4[row]! }
  }

  #columns(): RfmColumns {
    const { lastDay, orders, monetaryE4 } = this.#now.rfm
    const rows = this.#names.length
    return {
      lastDay: lastDay.subarray(0, rows),
      orders: orders.subarray(0, rows),
      monetaryE4: monetaryE4.subarray(0, rows),
    }
  }

  #rowOf(customer: string): number {
    const known = this.#rows.get(customer)
    if (known !== undefined) return known
    const row = this.#names.length
    if (row === this.#now.firstDay.length) this.#grow()
    this.#rows.set(customer, row)
    this.#names.push(customer)
    return row
  }

  #grow(): void {
    const rows = 2 * this.#now.firstDay.length
    const [now, stored] = [columnsOf(rows), columnsOf(rows)]
    copy(this.#now, now)
    copy(this.#stored, stored)
    this.#now = now
    this.#stored = stored
  }
}

interface Columns {
  rfm: RfmColumns
  firstDay: Int32Array
  revision: Uint32Array
  cell: Uint8Array
}

function columnsOf(rows: number): Columns {
  return {
    rfm: sharedColumns(rows),
    firstDay: new Int32Array(rows),
    revision: new Uint32Array(rows),
    cell: new Uint8Array(rows).fill(UNSCORED),
  }
}

function copy(from: Columns, to: Columns): void {
  to.rfm.lastDay.set(from.rfm.lastDay)
  to.rfm.orders.set(from.rfm.orders)
  to.rfm.monetaryE4.set(from.rfm.monetaryE4)
  to.firstDay.set(from.firstDay)
  to.revision.set(from.revision)
  to.cell.set(from.cell)
}

function write({ rfm, firstDay }: Columns, row: number, figures: CustomerFigures): void {
  const hasOrders = figures.orders > 0
  firstDay[row] = hasOrders ? figures.firstDay : 0
  rfm.lastDay[row] = hasOrders ? figures.lastDay : 0
  rfm.orders[row] = figures.orders
  rfm.monetaryE4[row] = figures.revenueE4
}
