/** Local days by asking Intl for each instant: slow, and nothing in common with core/runtime/local-time.ts. */
const formats = new Map<string, Intl.DateTimeFormat>()

/** The calendar day of an instant in a zone, YYYY-MM-DD. */
export function dayIn(zone: string, ms: number): string {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    formats.set(zone, format)
  }
  return format.format(ms)
}

const STEP_MS = 15 * 60_000

/** The first instant of the day after the one that `ms` lies in, to the millisecond. */
export function nextMidnight(zone: string, ms: number): number {
  const day = dayIn(zone, ms)
  let before = ms
  while (dayIn(zone, before + STEP_MS) === day) before += STEP_MS
  let after = before + STEP_MS
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2)
    if (dayIn(zone, middle) === day) before = middle
    else after = middle
  }
  return after
}
