/**
 * RFM scores of all customers of a tenant, exactly, in one scoring of columns: each customer's cell of 125 by quintiles
 * of recency, frequency and monetary value (quintile-cuts.ts says how they are cut).
 *
 * Nothing is sorted. Days and orders have small domains, so their histograms give every rank; money is narrowed down by
 * histograms of its bits (money-buckets.ts). Then each row's scores are two table reads and four comparisons.
 *
 * In stages, so that workers take a range of rows each, on shared columns: `countRange` → `mergeCounts` → `beginCuts`;
 * while `targetsOf(selection)` has any: `countParts` → `mergeParts` → `narrow`; `finishCuts`; `labelRange` (label-cells.ts).
 *
 * Rules: equal values score alike. Refunds lower the monetary value and nothing else. Zero and negative values are
 * values like others, the lowest. Guests are excluded and currencies are made one by the caller. With fewer than five
 * customers there are no cuts, and everybody is UNSCORED.
 */
import { labelRange } from './label-cells.ts'
import {
  countParts,
  MONEY_BUCKETS,
  type MoneySelection,
  moneyBucket,
  narrow,
  notExact,
  selectMoney,
  targetsOf,
  valuesOf,
  wordsOf,
} from './money-buckets.ts'
import { type AtRank, type Cuts, cutsOf, ranksOf } from './quintile-cuts.ts'
import {
  DAY_COUNT,
  FIRST_DAY,
  MAX_ORDERS,
  MIN_CUSTOMERS,
  type RfmColumns,
  type RowRange,
} from './rfm-columns.ts'

/** Histograms of some rows; counts add up. */
export interface RfmCounts {
  customers: number
  days: Uint32Array
  orders: Uint32Array
  money: Uint32Array
}

/** All stages, in this thread. `cells`: one byte a row, written. Null: fewer than MIN_CUSTOMERS. */
export function scoreRfm(columns: RfmColumns, cells: Uint8Array): Cuts | null {
  const all = { from: 0, to: columns.orders.length }
  const counts = countRange(columns, all)
  let selection = beginCuts(counts)
  for (let targets = targetsOf(selection); targets.length > 0; targets = targetsOf(selection))
    selection = narrow(selection, targets, countParts(columns, all, targets))
  const cuts = finishCuts(counts, selection)
  labelRange(columns, all, cuts, cells)
  return cuts
}

/** Throws `rfm-money-not-exact` where a row's value is no integer within ±2^53. */
export function countRange({ lastDay, orders, monetaryE4 }: RfmColumns, { from, to }: RowRange): RfmCounts {
  const counts = noCounts()
  const { days, orders: orderCounts, money } = counts
  const words = wordsOf(monetaryE4)
  let customers = 0
  for (let row = from; row < to; row++) {
    const ordered = orders[row]!
    if (ordered <= 0) continue
    const bucket = moneyBucket(words[2 * row + 1]!, words[2 * row]!)
    if (bucket < 0) throw notExact()
    money[bucket]!++
    orderCounts[ordered < MAX_ORDERS ? ordered : MAX_ORDERS]!++
    const day = lastDay[row]! - FIRST_DAY
    days[day < 0 ? 0 : day < DAY_COUNT ? day : DAY_COUNT - 1]!++
    customers++
  }
  return { ...counts, customers }
}

/** Into the first of them. */
export function mergeCounts(parts: readonly RfmCounts[]): RfmCounts {
  const [whole = noCounts(), ...rest] = parts
  for (const part of rest) {
    whole.customers += part.customers
    add(whole.days, part.days)
    add(whole.orders, part.orders)
    add(whole.money, part.money)
  }
  return whole
}

/** Into the first of them. */
export function mergeParts(parts: readonly Uint32Array[]): Uint32Array {
  const [whole = new Uint32Array(), ...rest] = parts
  for (const part of rest) add(whole, part)
  return whole
}

/** What has to be found among the monetary values; nothing with fewer than MIN_CUSTOMERS. */
export function beginCuts({ customers, money }: RfmCounts): MoneySelection {
  return customers < MIN_CUSTOMERS ? [] : selectMoney(money, ranksOf(customers))
}

/** `selection` has no targets left. */
export function finishCuts({ customers, days, orders }: RfmCounts, selection: MoneySelection): Cuts | null {
  const money = valuesOf(selection)
  const ranks = ranksOf(customers)
  const day = ranked(days, ranks)
  return cutsOf(customers, {
    day: (rank) => day(rank) + FIRST_DAY,
    orders: ranked(orders, ranks),
    monetaryE4: (rank) => money.get(rank)!,
  })
}

/** The values at ascending ranks, of a histogram. */
function ranked(counts: Uint32Array, ranks: readonly number[]): AtRank {
  const values = new Map<number, number>()
  let before = 0
  let value = 0
  for (const rank of ranks) {
    while (value < counts.length - 1 && before + counts[value]! <= rank) before += counts[value++]!
    values.set(rank, value)
  }
  return (rank) => values.get(rank)!
}

function noCounts(): RfmCounts {
  return {
    customers: 0,
    days: new Uint32Array(DAY_COUNT),
    orders: new Uint32Array(MAX_ORDERS + 1),
    money: new Uint32Array(MONEY_BUCKETS),
  }
}

function add(whole: Uint32Array, part: Uint32Array): void {
  for (let at = 0; at < whole.length; at++) whole[at] = whole[at]! + part[at]!
}
