import { LOCALE, messages } from '../messages.ts'

export function formatMoment(iso: string, timeZone: string): string {
  const style = { dateStyle: 'medium', timeStyle: 'short', timeZone } as const
  return new Intl.DateTimeFormat(LOCALE, style).format(new Date(iso))
}

export function formatSeen(iso: string | null, timeZone: string): string {
  return iso === null ? messages.access.neverSeen : messages.access.seen(formatMoment(iso, timeZone))
}
