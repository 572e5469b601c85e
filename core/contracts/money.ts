/**
 * Money and quantities. On every wire a decimal string with at most four decimals; in code an exact integer of
 * 1/10,000 units, named `…E4`. Single amounts are bounded (|x| < 10^11), so that they are safe integers; sums of many
 * are bigint. Never a float.
 */
import { z } from 'zod'

/** |x| < 10^11 with at most four decimals, e.g. "-12.5". */
export const decimal = z
  .string()
  .regex(
    /^-?\d{1,11}(\.\d{1,4})?$/,
    'a decimal string with at most 11 digits before the point and 4 after it',
  )

/** The same, not below zero. */
export const positiveDecimal = decimal.regex(/^[^-]/, 'not negative')

/** Decimal string to 1/10,000 units. The string must have passed `decimal`. */
export function toE4(text: string): number {
  const negative = text.charCodeAt(0) === MINUS
  let value = 0
  let decimals = -1
  for (let at = negative ? 1 : 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === POINT) decimals = 0
    else {
      value = value * 10 + (unit - ZERO)
      if (decimals >= 0) decimals += 1
    }
  }
  value *= POWERS[4 - Math.max(decimals, 0)]!
  return negative && value !== 0 ? -value : value
}

const MINUS = 45
const POINT = 46
const ZERO = 48
const POWERS = [1, 10, 100, 1_000, 10_000]

/** 1/10,000 units to the shortest decimal string with at least two decimals: 125000 → "12.50". */
export function fromE4(valueE4: number | bigint): string {
  const negative = valueE4 < 0
  let whole: number | bigint
  let fraction: number
  if (typeof valueE4 === 'number' && Number.isSafeInteger(valueE4)) {
    const magnitude = Math.abs(valueE4)
    fraction = magnitude % 10_000
    whole = (magnitude - fraction) / 10_000
  } else {
    const value = BigInt(valueE4)
    const magnitude = value < 0n ? -value : value
    fraction = Number(magnitude % 10_000n)
    whole = magnitude / 10_000n
  }
  const digits = String(10_000 + fraction)
  const cut = fraction % 100 === 0 ? 3 : fraction % 10 === 0 ? 4 : 5
  return `${negative ? '-' : ''}${whole}.${digits.slice(1, cut)}`
}

/** A ClickHouse Decimal(…, 4) as text ("12.5", "-3") to a bigint of 1/10,000 units; for sums of any size. */
export function sumToE4(text: string): bigint {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const magnitude = BigInt(whole) * 10_000n + BigInt(fraction.slice(0, 4).padEnd(4, '0'))
  return negative ? -magnitude : magnitude
}

/** The product of two E4 values as E4, rounded half-even at the fourth decimal. */
export function multiplyE4(aE4: number, bE4: number): number {
  return Number(divideHalfEven(BigInt(aE4) * BigInt(bE4), 10_000n))
}

/** Integer division rounded half-even. `divisor` must be positive. */
export function divideHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const remainder = dividend % divisor
  const twice = (remainder < 0n ? -remainder : remainder) * 2n
  const up = twice > divisor || (twice === divisor && quotient % 2n !== 0n)
  if (!up) return quotient
  return dividend < 0n ? quotient - 1n : quotient + 1n
}

/** The largest total an order may reach: with it a safe integer stays one through every difference of the fold. */
export const MAX_AMOUNT_E4 = 1e15
