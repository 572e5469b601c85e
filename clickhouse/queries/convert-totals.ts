/**
 * Totals of several currencies in one. Each day's sum of a currency is multiplied by the rate of that day and rounded
 * half-even at 4 decimals; then, and only then, it is added. Rates are integers of 1/10,000,000,000: nothing is a float.
 * A day without a rate is missing: it is listed, and it is not in the total.
 */
import { divideHalfEven, fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { parseDay } from '../../core/runtime/local-time.ts'

/** What a currency sums to on a local day. */
export interface DayAmount {
  day: string
  currency: string
  amount: string
}

/** One unit of `base` is `rate` units of the currency that is converted to. */
export interface DatedRate {
  base: string
  day: string
  rate: string
  provider: string
}

/** The rate that was used, or null where there is none; `converted` is null then too. */
export interface ConvertedDay {
  day: string
  amount: string
  rate: { rate: string; day: string; provider: string } | null
  converted: string | null
}

export interface ConvertedCurrency {
  currency: string
  /** Of all its days, in its own units. */
  amount: string
  /** Of the days that have a rate; null where none has. */
  converted: string | null
  complete: boolean
  days: ConvertedDay[]
}

export interface Converted {
  /** Of what could be converted. */
  total: string
  /** Nothing is missing from it. */
  complete: boolean
  currencies: ConvertedCurrency[]
  missing: DayAmount[]
}

/**
 * The rate of a day is the newest at or before it, if it is not older than this. Central banks give none on weekends and
 * holidays; five days at Easter are the longest that happen, and who waits longer has lost its source of rates.
 */
export const MAX_RATE_AGE_DAYS = 7

/** Rates may come in any order; amounts are answered in theirs. */
export function convertTotals(
  amounts: readonly DayAmount[],
  rates: readonly DatedRate[],
  to: string,
): Converted {
  const rateOf = rateFinder(rates, to)
  const names = [...new Set(amounts.map(({ currency }) => currency))]
  const currencies = names.map((currency) => {
    const own = amounts.filter((amount) => amount.currency === currency)
    return summed(
      currency,
      own.map(({ day, amount }) => convertDay(day, amount, rateOf(currency, day))),
    )
  })
  const missing = currencies.flatMap(({ currency, days }) =>
    days.flatMap(({ day, amount, converted }) => (converted === null ? [{ day, currency, amount }] : [])),
  )
  const total = sum(currencies.map(({ converted }) => converted ?? '0'))
  return { total, complete: missing.length === 0, currencies, missing }
}

const RATE_DECIMALS = 10
const E10 = 10n ** BigInt(RATE_DECIMALS)

function convertDay(day: string, amount: string, rate: ConvertedDay['rate']): ConvertedDay {
  if (rate === null) return { day, amount, rate, converted: null }
  return { day, amount, rate, converted: fromE4(divideHalfEven(sumToE4(amount) * toE10(rate.rate), E10)) }
}

function toE10(rate: string): bigint {
  const [whole = '0', fraction = ''] = rate.split('.')
  return BigInt(whole) * E10 + BigInt(fraction.padEnd(RATE_DECIMALS, '0'))
}

function summed(currency: string, days: ConvertedDay[]): ConvertedCurrency {
  const converted = days.flatMap((day) => (day.converted === null ? [] : [day.converted]))
  return {
    currency,
    amount: sum(days.map(({ amount }) => amount)),
    converted: converted.length === 0 ? null : sum(converted),
    complete: converted.length === days.length,
    days,
  }
}

const sum = (amounts: readonly string[]) =>
  fromE4(amounts.reduce((total, amount) => total + sumToE4(amount), 0n))

function rateFinder(rates: readonly DatedRate[], to: string) {
  const byBase = new Map<string, DatedRate[]>()
  const newestFirst = [...rates].sort((a, b) => (a.day < b.day ? 1 : -1))
  for (const rate of newestFirst) byBase.set(rate.base, [...(byBase.get(rate.base) ?? []), rate])
  return (currency: string, day: string): ConvertedDay['rate'] => {
    if (currency === to) return { rate: '1', day, provider: 'same currency' }
    const found = byBase.get(currency)?.find((rate) => rate.day <= day)
    if (found === undefined || parseDay(day) - parseDay(found.day) > MAX_RATE_AGE_DAYS) return null
    return { rate: found.rate, day: found.day, provider: found.provider }
  }
}
