/** Local wall times as text and as milliseconds read as if they were UTC. */
const LOCAL_TIME = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2}))?$/

/** `2011-11-17 14:32:05`, `2011-11-17T14:32`; undefined for anything else, the 30th of February included. */
export function parseLocalTime(text: string): number | undefined {
  const parts = LOCAL_TIME.exec(text)
  if (parts === null) return undefined
  const iso = `${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6] ?? '00'}`
  const ms = Date.parse(`${iso}Z`)
  // Date.parse takes the 30th of February for the 1st or 2nd of March, and 24:00 for the next day.
  return Number.isNaN(ms) || formatLocalTime(ms) !== iso ? undefined : ms
}

/** `2011-11-17T14:32:05` */
export function formatLocalTime(localMs: number): string {
  return new Date(localMs).toISOString().slice(0, 19)
}
