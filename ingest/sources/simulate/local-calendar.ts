/**
 * Local time of one zone, asked of Intl by the day. Written apart from core/runtime/local-time.ts on purpose: the ledger
 * cuts its days with it, and an error that both share could not be seen by comparing.
 */
const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** Sixty years; when it is full it is emptied, and filled again by use. */
const MAX_DAYS = 22_000

/** What to add to an instant of a UTC day for local time: `before` up to `changeMs`, `after` from then on. */
interface DayOffsets {
  before: number
  after: number
  changeMs: number
}

export interface LocalCalendar {
  /** What to add to an instant to get local time read as if it were UTC, ms. */
  offsetMs(instantMs: number): number
  /** The local day as days since 1970-01-01. */
  dayOf(instantMs: number): number
}

export function createLocalCalendar(timeZone: string): LocalCalendar {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const days = new Map<number, DayOffsets>()

  function offsetsOf(day: number): DayOffsets {
    const known = days.get(day)
    if (known !== undefined) return known
    const found = askDay(format, day * DAY_MS)
    if (days.size >= MAX_DAYS) days.clear()
    days.set(day, found)
    return found
  }
  function offsetMs(instantMs: number): number {
    const { before, after, changeMs } = offsetsOf(Math.floor(instantMs / DAY_MS))
    return instantMs < changeMs ? before : after
  }
  return { offsetMs, dayOf: (instantMs) => Math.floor((instantMs + offsetMs(instantMs)) / DAY_MS) }
}

/** No zone has changed its clock twice within 24 hours since 2000, and all do it on a full minute. */
function askDay(format: Intl.DateTimeFormat, fromMs: number): DayOffsets {
  const before = askIntl(format, fromMs)
  const after = askIntl(format, fromMs + DAY_MS)
  if (before === after) return { before, after, changeMs: fromMs }
  let low = 0
  let high = DAY_MS / MINUTE_MS
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (askIntl(format, fromMs + middle * MINUTE_MS) === before) low = middle
    else high = middle
  }
  return { before, after, changeMs: fromMs + high * MINUTE_MS }
}

function askIntl(format: Intl.DateTimeFormat, instantMs: number): number {
  const name = format.formatToParts(instantMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours, minutes] = /^GMT([+-])(\d\d):(\d\d)$/.exec(name) ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS
}

/** Days since 1970-01-01 as YYYY-MM-DD. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10)
}
