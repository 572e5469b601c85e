/** Decimal strings of the wire to exact bigints of 1/10,000 units, and ratios of them. No float touches a shown figure. */

/** `text` has at most four decimals, as `decimalSum` in core/contracts says. */
export function toE4(text: string): bigint {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const magnitude = BigInt(whole) * 10_000n + BigInt(fraction.slice(0, 4).padEnd(4, '0'))
  return negative ? -magnitude : magnitude
}

/** The exact opposite: 125000n → "12.5000". */
export function fromE4(valueE4: bigint): string {
  const magnitude = valueE4 < 0n ? -valueE4 : valueE4
  const fraction = (magnitude % 10_000n).toString().padStart(4, '0')
  return `${valueE4 < 0n ? '-' : ''}${magnitude / 10_000n}.${fraction}`
}

export const negate = (text: string): string => fromE4(-toE4(text))

/** `part ÷ whole` in thousandths, rounded half away from zero: 0.0434 → 43n. `whole` must be positive. */
export function perMille(part: bigint, whole: bigint): bigint {
  const twice = 2n * 1_000n * (part < 0n ? -part : part)
  const rounded = (twice + whole) / (2n * whole)
  return part < 0n ? -rounded : rounded
}
