import { LOCALE, messages } from '../messages.ts'

/** To the minute; `medium` has the seconds too. */
export function formatMoment(iso: string, timeZone: string, timeStyle: 'short' | 'medium' = 'short'): string {
  const style = { dateStyle: 'medium', timeStyle, timeZone } as const
  return new Intl.DateTimeFormat(LOCALE, style).format(new Date(iso))
}

export function formatSeen(iso: string | null, timeZone: string): string {
  return iso === null ? messages.access.neverSeen : messages.access.seen(formatMoment(iso, timeZone))
}
