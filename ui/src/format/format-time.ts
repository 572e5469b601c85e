/** Instants and ages as people read them; days and clocks are the tenant's, not the browser's. */
import { LOCALE, messages } from '../messages.ts'

const cached = new Map<string, Intl.DateTimeFormat>()

function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = LOCALE + timeZone + JSON.stringify(options)
  const known = cached.get(key)
  if (known) return known
  const made = new Intl.DateTimeFormat(LOCALE, { timeZone, hourCycle: 'h23', ...options })
  cached.set(key, made)
  return made
}

/** `instant` is ISO or epoch milliseconds. */
export function formatClock(instant: string | number, timeZone: string): string {
  return formatter(timeZone, { hour: '2-digit', minute: '2-digit' }).format(new Date(instant))
}

export function formatClockWithSeconds(instant: string | number, timeZone: string): string {
  return formatter(timeZone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(
    new Date(instant),
  )
}

/**
 * "Thursday 17 November 2011", "qui. 17 de novembro de 2011"; the year only when it is not this browser's, because a
 * replay is of another.
 */
export function formatDate(instant: string | number, timeZone: string, thisYear: number): string {
  const date = new Date(instant)
  const year = Number(formatter(timeZone, { year: 'numeric' }).format(date))
  const options = { weekday: LOCALE === 'pt-BR' ? 'short' : 'long', day: 'numeric', month: 'long' } as const
  return formatter(timeZone, year === thisYear ? options : { ...options, year: 'numeric' })
    .format(date)
    .replace(',', '')
}

/** "2011-11-17" → "Thursday". A local day has no zone, so it is read and written as UTC. */
export function formatWeekday(day: string, style: 'long' | 'short'): string {
  const date = new Date(`${day}T00:00:00Z`)
  return Number.isNaN(date.getTime()) ? '' : formatter('UTC', { weekday: style }).format(date)
}

/** "2011-11-17" → "17 Nov", or "17 November 2011". */
export function formatDay(day: string, style: 'short' | 'whole'): string {
  const options = { day: 'numeric', month: style === 'short' ? 'short' : 'long' } as const
  return formatter('UTC', style === 'short' ? options : { ...options, year: 'numeric' }).format(
    new Date(`${day}T00:00:00Z`),
  )
}

/** "2011-11" → "Nov 2011". */
export function formatMonth(month: string): string {
  return formatter('UTC', { month: 'short', year: 'numeric' }).format(new Date(`${month}-01T00:00:00Z`))
}

/** Minutes of the local day as a clock: 872 → "14:32". */
export function formatMinuteOfDay(minutes: number): string {
  const whole = Math.max(0, Math.floor(minutes))
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`
}

/** A duration in its largest unit: "2 s", "6 min", "3 h", "4 d". */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const { units } = messages
  if (seconds < 60) return `${seconds} ${units.second}`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} ${units.minute}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} ${units.hour}`
  return `${Math.floor(seconds / 86_400)} ${units.day}`
}

/** The day on the tenant's calendar: "2011-11-17". */
export function localDay(instant: string | number, timeZone: string): string {
  const options = { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' } as const
  return new Intl.DateTimeFormat('sv-SE', options).format(new Date(instant))
}
