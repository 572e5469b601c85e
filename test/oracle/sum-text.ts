/** A sum as ClickHouse prints a Decimal(38, 4), to 1/10,000 units; more decimals than four are a fault of the table. */
export function sumText(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(text)
  if (match === null) throw new Error(`${text} is no sum with at most four decimals`)
  const [, sign, whole, fraction = ''] = match
  const magnitude = BigInt(whole! + fraction.padEnd(4, '0'))
  return sign === '-' ? -magnitude : magnitude
}
