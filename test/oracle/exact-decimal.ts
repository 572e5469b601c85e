/** Decimals of the test source, in bigints of 1/10,000 units; written apart from core/contracts/money.ts on purpose. */

/** 125000n → "12.5". With `padded`, all four decimals: another text for the same number. */
export function decimalText(valueE4: bigint, padded = false): string {
  const digits = (valueE4 < 0n ? -valueE4 : valueE4).toString().padStart(5, '0')
  const text = `${digits.slice(0, -4)}.${digits.slice(-4)}`
  const short = padded ? text : text.replace(/\.?0+$/, '')
  return `${valueE4 < 0n ? '-' : ''}${short}`
}

/** Quantity × price, rounded half-even at the fourth decimal. */
export function timesE4(aE4: bigint, bE4: bigint): bigint {
  const product = aE4 * bE4
  const floor = product >= 0n ? product / 10_000n : -((-product + 9_999n) / 10_000n)
  const rest = product - floor * 10_000n
  if (rest < 5_000n) return floor
  if (rest > 5_000n) return floor + 1n
  return floor % 2n === 0n ? floor : floor + 1n
}
