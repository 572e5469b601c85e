/**
 * When a failed attempt is made again: after 5 s, and each time three times as long, 12 h at most, ±20 % so that those who
 * failed together do not come together. Given up three days after it was queued: 14 attempts.
 */
export const FIRST_RETRY_MS = 5_000
export const MAX_RETRY_MS = 12 * 3_600_000
export const GIVE_UP_MS = 3 * 86_400_000
const FACTOR = 3
const JITTER = 0.2

/** After the nth attempt, from 1. `random` is in [0, 1). */
export function retryDelayMs(attempt: number, random: number): number {
  const delay = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * FACTOR ** (attempt - 1))
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random))
}

/** Longer than a day nobody is believed. */
const MAX_RETRY_AFTER_MS = 86_400_000

/** Of the header Retry-After: seconds or a date. Undefined: it says nothing that can be understood. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isNaN(ms) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms))
}
