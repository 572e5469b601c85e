/** Texts of events, cheap enough to write a hundred thousand orders a second. */

const DAY_MS = 86_400_000
let textDay = Number.NaN
let textOfDay = ''
let textSecond = Number.NaN
let textOfSecond = ''

/** An instant as ISO 8601 in UTC with milliseconds. Neighbours share their day and mostly their second. */
export function instantText(ms: number): string {
  const second = Math.floor(ms / 1_000)
  if (second !== textSecond) {
    textOfSecond = secondText(second)
    textSecond = second
  }
  const rest = ms - second * 1_000
  return `${textOfSecond}${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}Z`
}

function secondText(second: number): string {
  const day = Math.floor((second * 1_000) / DAY_MS)
  if (day !== textDay) {
    textOfDay = new Date(day * DAY_MS).toISOString().slice(0, 11)
    textDay = day
  }
  const inDay = second - (day * DAY_MS) / 1_000
  const hours = Math.floor(inDay / 3_600)
  const minutes = Math.floor(inDay / 60) % 60
  return `${textOfDay}${two(hours)}:${two(minutes)}:${two(inDay % 60)}.`
}

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`
}

/** 1/10,000 units, an exact integer, as the shortest decimal string with at least two decimals. */
export function moneyText(valueE4: number): string {
  const magnitude = Math.abs(valueE4)
  const whole = Math.floor(magnitude / 10_000)
  const part = magnitude - whole * 10_000
  const cents = Math.floor(part / 100)
  const rest = part - cents * 100
  const sign = valueE4 < 0 ? '-' : ''
  if (rest === 0) return `${sign}${whole}.${two(cents)}`
  return `${sign}${whole}.${two(cents)}${rest % 10 === 0 ? rest / 10 : two(rest)}`
}

/** Thousandths as the shortest decimal string: 750 → "0.75", 2000 → "2". */
export function quantityText(milli: number): string {
  return `${milli / 1_000}`
}
