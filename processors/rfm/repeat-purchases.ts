/**
 * What BG/NBD and Gamma-Gamma know of a customer, from orders: repeat purchases, when the last was, how long the
 * customer has been watched, and what repeat purchases are worth.
 *
 * As in Fader, Hardie and Lee (2005): the first day is no repeat, orders of one day are one purchase, time begins with
 * the first day. Days are those of the tenant's zone; what comes after `endDay` is left out.
 */
export interface PurchaseRows {
  /** Numbers of customers, from 0, dense. */
  customer: Int32Array
  day: Int32Array
  /** Of the order, net; integers within ±2^53. */
  valueE4: Float64Array
}

/** One row a customer. */
export interface RepeatPurchases {
  /** Days with purchases after the first. */
  repeats: Int32Array
  /** Days from the first purchase to the last; 0 without repeats. */
  lastAfterDays: Int32Array
  /** Days from the first purchase to `endDay`. */
  ageDays: Int32Array
  /** Value of a repeat purchase, mean of its days, in E4 and fractions of it; 0 without repeats. */
  meanValueE4: Float64Array
}

/** Days since 1970-01-01 are within ±2^21: room for them beside a customer's number in one double. */
const DAYS = 2 ** 22

/** Customers without a purchase up to `endDay` have an age of −1, and no model sees them. Rows in any order. */
export function repeatPurchases(rows: PurchaseRows, customers: number, endDay: number): RepeatPurchases {
  const summary = noPurchases(customers)
  const { repeats, lastAfterDays, ageDays, meanValueE4 } = summary
  const first = new Int32Array(customers)
  // Ascending: a customer's first day comes first, and each day once.
  for (const key of purchaseDays(rows, endDay)) {
    const who = Math.floor(key / DAYS)
    const day = (key % DAYS) - DAYS / 2
    if (ageDays[who] === -1) {
      ageDays[who] = endDay - day
      first[who] = day
    } else repeats[who]!++
    lastAfterDays[who] = day - first[who]!
  }
  for (let row = 0; row < rows.day.length; row++) {
    const who = rows.customer[row]!
    const isRepeat = rows.day[row]! <= endDay && rows.day[row]! > first[who]!
    if (isRepeat) meanValueE4[who] = meanValueE4[who]! + rows.valueE4[row]!
  }
  for (let who = 0; who < customers; who++)
    if (repeats[who]! > 0) meanValueE4[who] = meanValueE4[who]! / repeats[who]!
  return summary
}

/** One number for each customer and day with a purchase, ascending. */
function purchaseDays({ customer, day }: PurchaseRows, endDay: number): Float64Array {
  const keys = new Float64Array(day.length)
  let count = 0
  for (let row = 0; row < day.length; row++)
    if (day[row]! <= endDay) keys[count++] = customer[row]! * DAYS + day[row]! + DAYS / 2
  return keys
    .subarray(0, count)
    .sort()
    .filter((key, at, all) => at === 0 || key !== all[at - 1])
}

function noPurchases(customers: number): RepeatPurchases {
  return {
    repeats: new Int32Array(customers),
    lastAfterDays: new Int32Array(customers),
    ageDays: new Int32Array(customers).fill(-1),
    meanValueE4: new Float64Array(customers),
  }
}
