/**
 * What customers are expected to order and to be worth over the next months, by a fitted BG/NBD and Gamma-Gamma: the
 * residual lifetime value, what they have spent already not counted.
 *
 * Expected purchases of a month times the expected value of a purchase, discounted from the month's end (as Fader, Hardie
 * and Lee 2005, "RFM and CLV", in monthly steps). A month is a twelfth of 365 days.
 *
 * All but P(alive) depends on repeats and age alone, and is computed once for customers alike in those.
 */
import { aliveProbability, type CustomerHistory, purchasesIfAlive } from './bg-nbd.ts'
import type { BgNbd } from './fit-bg-nbd.ts'
import { expectedPurchaseValue, type GammaGamma } from './gamma-gamma.ts'
import type { RepeatPurchases } from './repeat-purchases.ts'
import type { RowRange } from './rfm-columns.ts'

export interface ValueModels {
  bgNbd: BgNbd
  /** Null where it was refused: purchases are told, and values are NaN. */
  gammaGamma: GammaGamma | null
}

export interface Horizon {
  months: number
  /** 0.01 is 1 % a month; 0 by default. */
  monthlyDiscountRate?: number
}

export interface Prediction {
  aliveProbability: number
  /** 1 − aliveProbability. */
  churnRisk: number
  /** Purchase days within the horizon. */
  purchases: number
  /** Discounted; an integer of 1/10,000 units, or NaN without Gamma-Gamma. */
  valueE4: number
}

export const NEXT_YEAR: Horizon = { months: 12 }
export const MAX_MONTHS = 120
const DAYS_PER_MONTH = 365 / 12
/** Customers alike that are remembered; some 20 MB, then it begins anew. */
const MAX_REMEMBERED = 200_000

/** Columns of predictions, one row a customer; those without a purchase (an age of −1) keep what they had. */
export interface Predictions {
  aliveProbability: Float64Array
  purchases: Float64Array
  valueE4: Float64Array
}

export function predictCustomer(
  models: ValueModels,
  customer: CustomerHistory & { meanValueE4: number },
  horizon: Horizon = NEXT_YEAR,
): Prediction {
  const alive = aliveProbability(models.bgNbd, customer)
  const expected = purchasesAhead(models.bgNbd, customer, horizon)
  return {
    aliveProbability: alive,
    churnRisk: 1 - alive,
    purchases: alive * expected.purchases,
    valueE4: expectedValueE4(models, customer, alive * expected.discounted),
  }
}

/** The value within the horizon, as an integer of 1/10,000 units; NaN without Gamma-Gamma. */
export function lifetimeValue(
  models: ValueModels,
  customer: CustomerHistory & { meanValueE4: number },
  horizon: Horizon = NEXT_YEAR,
): number {
  return predictCustomer(models, customer, horizon).valueE4
}

/** Writes the predictions of a range of rows, so that workers take one each. */
export function predictRange(
  models: ValueModels,
  { repeats, lastAfterDays, ageDays, meanValueE4 }: RepeatPurchases,
  { from, to }: RowRange,
  out: Predictions,
  horizon: Horizon = NEXT_YEAR,
): void {
  const remembered = new Map<number, Ahead>()
  const customer = { repeats: 0, lastAfterDays: 0, ageDays: 0, meanValueE4: 0 }
  for (let row = from; row < to; row++) {
    customer.ageDays = ageDays[row]!
    if (customer.ageDays < 0) continue
    customer.repeats = repeats[row]!
    customer.lastAfterDays = lastAfterDays[row]!
    customer.meanValueE4 = meanValueE4[row]!
    const key = customer.repeats * 2 ** 20 + customer.ageDays
    let expected = remembered.get(key)
    if (expected === undefined) {
      if (remembered.size === MAX_REMEMBERED) remembered.clear()
      expected = purchasesAhead(models.bgNbd, customer, horizon)
      remembered.set(key, expected)
    }
    const alive = aliveProbability(models.bgNbd, customer)
    out.aliveProbability[row] = alive
    out.purchases[row] = alive * expected.purchases
    out.valueE4[row] = expectedValueE4(models, customer, alive * expected.discounted)
  }
}

interface Ahead {
  purchases: number
  discounted: number
}

/** Given that the customer is alive today. */
function purchasesAhead(
  model: BgNbd,
  customer: Pick<CustomerHistory, 'repeats' | 'ageDays'>,
  { months, monthlyDiscountRate = 0 }: Horizon,
): Ahead {
  if (!(months >= 1 && months <= MAX_MONTHS)) throw new Error(`a horizon of ${months} months`)
  const purchases = purchasesIfAlive(model, customer, months * DAYS_PER_MONTH)
  if (monthlyDiscountRate === 0) return { purchases, discounted: purchases }
  let discounted = 0
  let before = 0
  for (let month = 1; month <= months; month++) {
    const until = purchasesIfAlive(model, customer, month * DAYS_PER_MONTH)
    discounted += (until - before) / (1 + monthlyDiscountRate) ** month
    before = until
  }
  return { purchases, discounted }
}

function expectedValueE4(
  { gammaGamma }: ValueModels,
  { repeats, meanValueE4 }: { repeats: number; meanValueE4: number },
  purchases: number,
): number {
  if (gammaGamma === null) return Number.NaN
  return Math.round(purchases * expectedPurchaseValue(gammaGamma, repeats, meanValueE4 / 10_000) * 10_000)
}
