/**
 * Instants and local time of a zone. Offsets come from Intl, which is slow, and change only at quarter hours, so they
 * are remembered by quarter hour; days and hours are then plain arithmetic. DST is decided here and nowhere else.
 */
const QUARTER_MS = 900_000
const DAY_MS = 86_400_000
/** About two years of quarter hours for a zone; when it is full it is emptied, and filled again by use. */
const MAX_CACHED_QUARTERS = 70_000

interface Zone {
  format: Intl.DateTimeFormat
  offsets: Map<number, number>
}
const zones = new Map<string, Zone>()

/** What to add to an instant (ms) to get local time read as if it were UTC. */
export function offsetMs(instantMs: number, timeZone: string): number {
  const zone = zoneOf(timeZone)
  const quarter = Math.floor(instantMs / QUARTER_MS)
  const known = zone.offsets.get(quarter)
  if (known !== undefined) return known
  const offset = askIntl(quarter * QUARTER_MS, zone.format)
  if (zone.offsets.size >= MAX_CACHED_QUARTERS) zone.offsets.clear()
  zone.offsets.set(quarter, offset)
  return offset
}

/** The local calendar day as days since 1970-01-01. */
export function localDay(instantMs: number, timeZone: string): number {
  return Math.floor((instantMs + offsetMs(instantMs, timeZone)) / DAY_MS)
}

/** The local hour on the clock, 0 to 23. */
export function localHour(instantMs: number, timeZone: string): number {
  return Math.floor(modulo(instantMs + offsetMs(instantMs, timeZone), DAY_MS) / 3_600_000)
}

/** The first instant of a local day (days since 1970-01-01): midnight, or what comes after it where there is none. */
export function startOfLocalDay(day: number, timeZone: string): number {
  return instantOfLocal(day * DAY_MS, timeZone)
}

/**
 * The instant of a local wall time given as if it were UTC. A time that occurs twice means the first of the two; one
 * that a clock change skipped means the same distance after the change.
 */
export function instantOfLocal(localMs: number, timeZone: string): number {
  // The offset before any change near this time lies a day earlier: with it the first of two equal times is found,
  // and a skipped time lands behind the gap.
  const earlier = localMs - offsetMs(localMs - DAY_MS, timeZone)
  if (earlier + offsetMs(earlier, timeZone) === localMs) return earlier
  const later = localMs - offsetMs(localMs + DAY_MS, timeZone)
  return later + offsetMs(later, timeZone) === localMs ? later : earlier
}

/** The Monday of the week that a day is in; both as days since 1970-01-01, which was a Thursday. */
export function startOfWeek(day: number): number {
  return day - ((((day + 3) % 7) + 7) % 7)
}

/** The whole weeks from one day to another: the first Monday and the last Sunday, which is before it where there is none. */
export function wholeWeeks(first: number, last: number): { first: number; last: number } {
  return { first: startOfWeek(first + 6), last: startOfWeek(last + 1) - 1 }
}

/** Days since 1970-01-01 as YYYY-MM-DD. */
export function formatDay(day: number): string {
  const known = texts.get(day)
  if (known !== undefined) return known
  const text = new Date(day * DAY_MS).toISOString().slice(0, 10)
  if (texts.size >= MOST_TEXTS) texts.clear()
  texts.set(day, text)
  return text
}

/** Days are few, and rows have millions of them. */
const texts = new Map<number, string>()
const MOST_TEXTS = 10_000

/** YYYY-MM-DD as days since 1970-01-01; NaN for anything else. */
export function parseDay(text: string): number {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) / DAY_MS : Number.NaN
}

function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone)
  if (known) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const zone: Zone = { format, offsets: new Map() }
  zones.set(timeZone, zone)
  return zone
}

function askIntl(instantMs: number, format: Intl.DateTimeFormat): number {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(instantMs)) part[type] = Number(value)
  const local = Date.UTC(part.year!, part.month! - 1, part.day, part.hour, part.minute, part.second)
  return local - instantMs
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
