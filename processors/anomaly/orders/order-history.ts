/**
 * What is usual, kept as orders come: for a customer the last 32 amounts and the regions; for a tenant counts of log
 * amounts and of hours. All are of bounded size, can be read back from stored orders, and answer by median and MAD, so
 * that the one order that is looked for does not move what it is compared with.
 *
 * Amounts are compared by logarithm (base 2): a shop's amounts are skewed, and "nine times" is what people say.
 * Tenant amounts are counted in steps of 1/16 of a doubling (4.4 %), so their median is right to 2.2 %.
 */
export const RECENT_AMOUNTS = 32
/** A customer's further regions are counted together. */
export const MAX_REGIONS = 8
const STEPS_PER_DOUBLING = 16
/** From 1/10,000 unit to 2^53 of them. */
const BINS = 53 * STEPS_PER_DOUBLING + 1
export const HOURS = 24
/** MAD to standard deviation, for what is normal. */
const MAD_SCALE = 1.4826

export interface CustomerHistory {
  orders: number
  /** The latest at the end; at most RECENT_AMOUNTS. */
  amountsE4: readonly number[]
  regions: ReadonlyMap<string, number>
}

export interface TenantHistory {
  orders: number
  /** Orders of each step of log2(amount in 1/10,000). */
  amounts: Float64Array
  /** Orders of each local hour. */
  hours: Float64Array
}

/** Median and spread (MAD, scaled) of log2 of amounts in 1/10,000. */
export interface Usual {
  median: number
  spread: number
}

export const NO_CUSTOMER_HISTORY: CustomerHistory = { orders: 0, amountsE4: [], regions: new Map() }

export function emptyTenantHistory(): TenantHistory {
  return { orders: 0, amounts: new Float64Array(BINS), hours: new Float64Array(HOURS) }
}

/** A new history; the old one is not touched. Amounts of zero or less say nothing of size and are left out. */
export function withOrder(
  history: CustomerHistory,
  { amountE4, region }: { amountE4: number; region: string | null },
): CustomerHistory {
  const amountsE4 = amountE4 > 0 ? [...history.amountsE4, amountE4].slice(-RECENT_AMOUNTS) : history.amountsE4
  const regions = new Map(history.regions)
  if (region !== null) {
    const key = regions.has(region) || regions.size < MAX_REGIONS ? region : OTHER_REGIONS
    regions.set(key, (regions.get(key) ?? 0) + 1)
  }
  return { orders: history.orders + 1, amountsE4, regions }
}

/** No region's code. */
const OTHER_REGIONS = ''

/** In place: a tenant's history is 7 KB, and every order touches it. `sign` −1 takes an order out again. */
export function countOrder(
  history: TenantHistory,
  { amountE4, localHour }: { amountE4: number; localHour: number },
  sign: 1 | -1 = 1,
): void {
  history.orders += sign
  history.hours[Math.floor(localHour)]! += sign
  if (amountE4 > 0) history.amounts[binOf(amountE4)]! += sign
}

/** Null where nothing with an amount is known. */
export function usualOfCustomer({ amountsE4 }: CustomerHistory): Usual | null {
  if (amountsE4.length === 0) return null
  const logs = amountsE4.map((amount) => Math.log2(amount))
  const median = medianOf(logs)
  return { median, spread: MAD_SCALE * medianOf(logs.map((log) => Math.abs(log - median))) }
}

/** Null where nothing with an amount is known. */
export function usualOfTenant({ amounts }: TenantHistory): Usual | null {
  const total = amounts.reduce((sum, count) => sum + count, 0)
  if (total <= 0) return null
  const middle = binAt(amounts, total)
  // Going out from the median on both sides at once, half of all lie within the MAD.
  let within = amounts[middle]!
  let distance = 0
  while (within * 2 < total && distance < BINS) {
    distance += 1
    within += (amounts[middle - distance] ?? 0) + (amounts[middle + distance] ?? 0)
  }
  return { median: middle / STEPS_PER_DOUBLING, spread: (MAD_SCALE * distance) / STEPS_PER_DOUBLING }
}

function binAt(amounts: Float64Array, total: number): number {
  let below = 0
  for (let bin = 0; bin < BINS; bin++) {
    below += amounts[bin]!
    if (below * 2 >= total) return bin
  }
  return BINS - 1
}

function binOf(amountE4: number): number {
  return Math.min(BINS - 1, Math.round(Math.log2(amountE4) * STEPS_PER_DOUBLING))
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}
