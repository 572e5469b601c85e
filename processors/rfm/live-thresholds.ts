/**
 * The cuts of score-rfm.ts, kept while customers come, change and go: at any moment they equal those of a scoring of all.
 *
 * Days and orders are counted in a tree each, money as sorted counts; a change costs a few µs whatever the number of
 * customers. The last order's day is kept instead of recency, so that a day that passes changes nothing here: all recency
 * quantiles grow by one day, as does everybody's recency.
 *
 * Whoever calls keeps the columns and says what a customer was; both must come from the same columns.
 */

import { CountingTree } from './counting-tree.ts'
import { moneyBucket, notExact, wordsOf } from './money-buckets.ts'
import { type Cuts, cutsOf, ranksOf } from './quintile-cuts.ts'
import {
  DAY_COUNT,
  dayIndex,
  FIRST_DAY,
  MAX_ORDERS,
  MIN_CUSTOMERS,
  ordersIndex,
  type RfmColumns,
} from './rfm-columns.ts'
import { countRange } from './score-rfm.ts'
import { SortedCounts } from './sorted-counts.ts'

/** As in a row of RfmColumns; without orders a customer is none. */
export interface CustomerValues {
  lastDay: number
  orders: number
  monetaryE4: number
}

export class LiveThresholds {
  #days = new CountingTree(DAY_COUNT)
  #orders = new CountingTree(MAX_ORDERS + 1)
  #money = new SortedCounts()
  #cuts: Cuts | null = null
  #isStale = false

  /** Of whole columns, sorting a copy of the money once. */
  static of(columns: RfmColumns): LiveThresholds {
    const { customers, days, orders } = countRange(columns, { from: 0, to: columns.orders.length })
    const money = new Float64Array(customers)
    let at = 0
    for (let row = 0; row < columns.orders.length; row++)
      // Zero added makes −0 a 0: the sort tells them apart, the values must not.
      if (columns.orders[row]! > 0) money[at++] = columns.monetaryE4[row]! + 0
    const all = new LiveThresholds()
    all.#days = CountingTree.of(days)
    all.#orders = CountingTree.of(orders)
    all.#money = SortedCounts.of(money.sort())
    all.#isStale = true
    return all
  }

  get customers(): number {
    return this.#money.size
  }

  /** Throws `rfm-money-not-exact` before anything is changed. */
  insert(customer: CustomerValues): void {
    if (customer.orders <= 0) return
    requireExact(customer.monetaryE4)
    this.#count(customer, 1)
    this.#money.add(customer.monetaryE4 + 0)
  }

  /** What the customer was when it was inserted or last changed. */
  remove(customer: CustomerValues): void {
    if (customer.orders <= 0) return
    this.#money.remove(customer.monetaryE4 + 0)
    this.#count(customer, -1)
  }

  change(from: CustomerValues, to: CustomerValues): void {
    requireExact(to.monetaryE4)
    this.remove(from)
    this.insert(to)
  }

  /** The same object until something changes; null with fewer than MIN_CUSTOMERS. */
  cuts(): Cuts | null {
    if (this.#isStale) this.#cuts = this.#cut()
    this.#isStale = false
    return this.#cuts
  }

  #cut(): Cuts | null {
    if (this.customers < MIN_CUSTOMERS) return null
    const money = this.#money.at(ranksOf(this.customers))
    return cutsOf(this.customers, {
      day: (rank) => this.#days.at(rank) + FIRST_DAY,
      orders: (rank) => this.#orders.at(rank),
      monetaryE4: (rank) => money.get(rank)!,
    })
  }

  #count({ lastDay, orders }: CustomerValues, count: number): void {
    this.#days.add(dayIndex(lastDay), count)
    this.#orders.add(ordersIndex(orders), count)
    this.#isStale = true
  }
}

function requireExact(valueE4: number): void {
  const words = wordsOf(Float64Array.of(valueE4))
  if (moneyBucket(words[1]!, words[0]!) < 0) throw notExact()
}
