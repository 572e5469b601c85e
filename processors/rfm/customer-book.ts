/**
 * One tenant's customers: what they are by their orders, and what was stored of each. Columns grow by doubling, and a row is
 * a customer's for ever.
 *
 * A customer is stored anew when its figures, its cell or its segment are others. Cells follow the cuts, segments the cell
 * or, by thresholds, the day. Who was stored in another division is told anew in the words of this one: `segmentBefore` is
 * then what this division says of the figures that were stored, so that new words alone are no move.
 */
import type { BuyerDay } from '../../clickhouse/queries/read-buyers.ts'
import {
  bookColumns,
  type CustomerFigures,
  doubled,
  figuresAt,
  firstRows,
  NO_ORDERS,
  valuesAt,
  writeFigures,
} from './book-columns.ts'
import { type Division, divisionLabeller, rowNamer, segmentNumber } from './divisions.ts'
import { cellLabeller, type Labeller } from './label-cells.ts'
import { listMoves } from './list-moves.ts'
import { LiveThresholds } from './live-thresholds.ts'

interface Stored extends CustomerFigures {
  customer: string
  /** Number of the customer's last stored change; 0: none. */
  revision: number
  /** Of 125, or UNSCORED. */
  cell: number
}

export interface StoredCustomer extends Stored {
  /** Division, and the segment's id; empty: none. */
  mode: string
  segment: string
}

/** What is to be stored of a customer. Segments by their numbers in the division, or UNSCORED. */
export interface CustomerChange extends Stored {
  row: number
  segment: number
  segmentBefore: number
}

const FIRST_ROWS = 1_024
const MOST_E4 = Number.MAX_SAFE_INTEGER
/** Stored in another division. */
const OTHER_WORDS = 254

/** A walk over all rows: for what it began, and where it goes on; at the end it rests until that is another. */
interface Walk {
  key: unknown
  cursor: number
}

export class CustomerBook {
  readonly #rows = new Map<string, number>()
  readonly #names: string[] = []
  #division: Division
  #now = bookColumns(FIRST_ROWS)
  #stored = bookColumns(FIRST_ROWS)
  readonly #thresholds = new LiveThresholds()
  /** Rows that may differ from what is stored, and since when, in that order. */
  readonly #touched = new Map<number, number>()
  #atMs = 0
  readonly #byCuts: Walk = { key: undefined, cursor: 0 }
  readonly #byDivision: Walk = { key: undefined, cursor: 0 }

  constructor(division: Division) {
    this.#division = division
  }

  get division(): Division {
    return this.#division
  }

  /** From here on everybody is told in its words. */
  divide(division: Division): void {
    if (division.mode === this.#division.mode) return
    this.#division = division
    for (let row = 0; row < this.#names.length; row++)
      if (this.#stored.revision[row]! > 0) this.#stored.segment[row] = OTHER_WORDS
  }

  /** The moment (ms since the epoch) of what comes from here on. */
  comesAt(ms: number): void {
    this.#atMs = ms
  }

  /** When the change came that waits longest to be stored; undefined: none does. */
  waitsSince(): number | undefined {
    return this.#touched.values().next().value
  }

  /** Who has orders that count. */
  get customers(): number {
    return this.#thresholds.customers
  }

  /** What an earlier process stored. */
  restore({ customer, revision, cell, mode, segment, ...figures }: StoredCustomer): void {
    const row = this.#rowOf(customer)
    writeFigures(this.#stored, row, figures)
    const known = mode === this.#division.mode ? segmentNumber(this.#division, segment) : undefined
    this.#store(row, { revision, cell, segment: known ?? OTHER_WORDS })
    this.#touch(row)
  }

  /** The whole of a customer, at the marks that the book is at. Revenue beyond ±2^53 counts as that: nobody else waits. */
  set(customer: string, { revenueE4, ...rest }: CustomerFigures): void {
    const figures = { ...rest, revenueE4: Math.max(-MOST_E4, Math.min(MOST_E4, revenueE4)) }
    const row = this.#rowOf(customer)
    const before = valuesAt(this.#now, row)
    writeFigures(this.#now, row, figures)
    this.#thresholds.change(before, valuesAt(this.#now, row))
    this.#touch(row)
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

  /** Whether nobody waits to be looked at whom the cuts, the division or a day may have moved. */
  get isWalked(): boolean {
    return this.#byCuts.cursor === 0 && this.#byDivision.cursor === 0
  }

  /**
   * What is to be stored, at most `limit`, as it is `today` (days since 1970-01-01): touched customers first, then those whom
   * the cuts moved, then those whom the division or a day that passed did, of these at most `movedLimit`. Each call goes on
   * where the one before ended; a change that is not told as `stored` comes again.
   */
  changes(limit: number, today: number, movedLimit = limit): CustomerChange[] {
    const cuts = this.#thresholds.cuts()
    const columns = firstRows(this.#now, this.#names.length)
    const labelCells = cellLabeller(columns, cuts)
    const look = this.#looker(labelCells, today)
    const found: CustomerChange[] = []
    for (const row of this.#touched.keys()) {
      if (found.length >= limit) return found
      const change = look(row)
      if (this.#differs(change)) found.push(change)
      else this.#touched.delete(row)
    }
    const most = Math.min(limit, found.length + movedLimit)
    const walk = (walked: Walk, key: unknown, stored: Uint8Array, label: () => Labeller) => {
      if (found.length >= most) return
      for (const row of this.#walk(walked, key, { stored, label, limit: most - found.length })) {
        // Those touched are told already.
        if (this.#touched.has(row)) continue
        this.#touch(row)
        found.push(look(row))
      }
    }
    walk(this.#byCuts, cuts, this.#stored.cell, () => labelCells)
    const division = this.#division
    const key = division.by === 'rules' ? `${division.mode} ${today}` : division.mode
    walk(this.#byDivision, key, this.#stored.segment, () =>
      divisionLabeller(division, columns, { cuts, today }),
    )
    return found
  }

  stored({ row, revision, cell, segment, ...figures }: CustomerChange): void {
    writeFigures(this.#stored, row, figures)
    this.#store(row, { revision, cell, segment })
    // What came meanwhile stays to be done; by a day that passed the walk finds it.
    if (!this.#differs({ row, cell, segment })) this.#touched.delete(row)
  }

  /** Customers and revenue by segment, as they were stored in this division. */
  sums(): { customers: Int32Array; revenueE4: Float64Array } {
    const count = this.#division.ids.length
    const sums = { customers: new Int32Array(count), revenueE4: new Float64Array(count) }
    const { segment, rfm } = this.#stored
    for (let row = 0; row < this.#names.length; row++) {
      const at = segment[row]!
      const revenue = rfm.monetaryE4[row]!
      if (at >= count) continue
      sums.customers[at]! += 1
      sums.revenueE4[at]! += revenue
    }
    return sums
  }

  /** All zero where it is not known. */
  figuresOf(customer: string): CustomerFigures {
    const row = this.#rows.get(customer)
    return row === undefined ? NO_ORDERS : figuresAt(this.#now, row)
  }

  /** Whoever waits already keeps its place. */
  #touch(row: number): void {
    if (!this.#touched.has(row)) this.#touched.set(row, this.#atMs)
  }

  /** Rows are looked at until the walk is through or `limit` are found; with what holds now, whatever it began for. */
  #walk(
    walk: Walk,
    key: unknown,
    { stored, label, limit }: { stored: Uint8Array; label: () => Labeller; limit: number },
  ): Uint32Array {
    if (walk.cursor === 0 && walk.key === key) return new Uint32Array(0)
    if (walk.cursor === 0) walk.key = key
    const segments = stored.subarray(0, this.#names.length)
    const moves = listMoves({ segments, label: label(), cursor: walk.cursor, limit })
    walk.cursor = moves.cursor ?? 0
    return moves.rows
  }

  /** Says what is to be stored of a row. */
  #looker(labelCells: Labeller, today: number): (row: number) => CustomerChange {
    const name = rowNamer(this.#division, this.#now.rfm, today)
    const nameStored = rowNamer(this.#division, this.#stored.rfm, today)
    const one = new Uint8Array(1)
    return (row) => {
      labelCells({ from: row, to: row + 1 }, one)
      const cell = one[0]!
      const { revision, cell: cells, segment: segments } = this.#stored
      const before = segments[row]!
      return {
        row,
        customer: this.#names[row]!,
        revision: revision[row]! + 1,
        cell,
        segment: name(row, cell),
        segmentBefore: before === OTHER_WORDS ? nameStored(row, cells[row]!) : before,
        ...figuresAt(this.#now, row),
      }
    }
  }

  #differs({ row, cell, segment }: Pick<CustomerChange, 'row' | 'cell' | 'segment'>): boolean {
    const stored = figuresAt(this.#stored, row)
    const now = figuresAt(this.#now, row)
    return (
      this.#stored.cell[row] !== cell ||
      this.#stored.segment[row] !== segment ||
      stored.firstDay !== now.firstDay ||
      stored.lastDay !== now.lastDay ||
      stored.orders !== now.orders ||
      stored.revenueE4 !== now.revenueE4
    )
  }

  #store(
    row: number,
    { revision, cell, segment }: { revision: number; cell: number; segment: number },
  ): void {
    this.#stored.revision[row] = revision
    this.#stored.cell[row] = cell
    this.#stored.segment[row] = segment
  }

  #rowOf(customer: string): number {
    const known = this.#rows.get(customer)
    if (known !== undefined) return known
    const row = this.#names.length
    if (row === this.#now.firstDay.length) {
      this.#now = doubled(this.#now)
      this.#stored = doubled(this.#stored)
    }
    this.#rows.set(customer, row)
    this.#names.push(customer)
    return row
  }
}
