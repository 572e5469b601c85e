/** Customers' purchases, as they are read, as the columns that the models take. */
import type { CustomerPurchases } from '../../clickhouse/queries/read-purchases.ts'
import type { RepeatPurchases } from './repeat-purchases.ts'

/** Grow by doubling, so that pages need not be kept until the last one has come. */
export class PurchaseColumns {
  #columns = columnsOf(1_024)
  #rows = 0

  get rows(): number {
    return this.#rows
  }

  /** All have bought up to `endDay`. */
  add(page: readonly CustomerPurchases[], endDay: number): void {
    for (const { firstDay, lastDay, repeats, repeatValueE4 } of page) {
      if (this.#rows === this.#columns.repeats.length) this.#grow()
      const row = this.#rows++
      this.#columns.repeats[row] = repeats
      this.#columns.lastAfterDays[row] = lastDay - firstDay
      this.#columns.ageDays[row] = endDay - firstDay
      this.#columns.meanValueE4[row] = meanValueE4({ repeats, repeatValueE4 })
    }
  }

  whole(): RepeatPurchases {
    const { repeats, lastAfterDays, ageDays, meanValueE4 } = this.#columns
    const rows = this.#rows
    return {
      repeats: repeats.slice(0, rows),
      lastAfterDays: lastAfterDays.slice(0, rows),
      ageDays: ageDays.slice(0, rows),
      meanValueE4: meanValueE4.slice(0, rows),
    }
  }

  #grow(): void {
    const larger = columnsOf(2 * this.#rows)
    larger.repeats.set(this.#columns.repeats)
    larger.lastAfterDays.set(this.#columns.lastAfterDays)
    larger.ageDays.set(this.#columns.ageDays)
    larger.meanValueE4.set(this.#columns.meanValueE4)
    this.#columns = larger
  }
}

/** In fractions of 1/10,000; 0 without repeats. */
export function meanValueE4({
  repeats,
  repeatValueE4,
}: Pick<CustomerPurchases, 'repeats' | 'repeatValueE4'>): number {
  return repeats === 0 ? 0 : repeatValueE4 / repeats
}

function columnsOf(rows: number): RepeatPurchases {
  return {
    repeats: new Int32Array(rows),
    lastAfterDays: new Int32Array(rows),
    ageDays: new Int32Array(rows),
    meanValueE4: new Float64Array(rows),
  }
}
