/** A wall time of the tenant's zone, as a field of date and time has it, to its instant. */

const MINUTE_MS = 60_000

/**
 * "2011-11-17T14:32" to ISO 8601 in UTC; null where it is no time. Of an hour that comes twice the first one is meant; in one
 * that a clock change skips, the same distance behind the change.
 */
export function instantOf(local: string, timeZone: string): string | null {
  const asUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(local) ? Date.parse(`${local}:00Z`) : Number.NaN
  if (Number.isNaN(asUtc)) return null
  // The offset before any change near this time and the one after it: one of both is that of the time itself.
  const offsets = [-1, 1].map((side) => offsetMs(asUtc + side * 1_440 * MINUTE_MS, timeZone)) as [
    number,
    number,
  ]
  const found = offsets.map((offset) => asUtc - offset).find((ms) => ms + offsetMs(ms, timeZone) === asUtc)
  return new Date(found ?? asUtc - offsets[0]).toISOString()
}

/** The other way round: what the field shows of an instant. */
export function localOf(instantMs: number, timeZone: string): string {
  return new Date(instantMs + offsetMs(instantMs, timeZone)).toISOString().slice(0, 16)
}

/** What to add to an instant to get local time read as if it were UTC. */
function offsetMs(instantMs: number, timeZone: string): number {
  const minute = Math.floor(instantMs / MINUTE_MS) * MINUTE_MS
  const options = { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' } as const
  const local = new Intl.DateTimeFormat('sv-SE', options).format(minute)
  return Date.parse(`${local.replace(' ', 'T')}Z`) - minute
}
