export const RECONNECT_FIRST_MS = 250
export const RECONNECT_MAX_MS = 5_000

/**
 * Milliseconds to wait before attempt `attempt` (0 is the first): doubling, and half of it random, so that a hall of
 * screens does not come back in one instant. `random` is in [0, 1). Always between 250 ms and 5 s.
 */
export function reconnectDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(attempt + 1, 16))
  return Math.round(Math.max(RECONNECT_FIRST_MS, ceiling * (0.5 + random / 2)))
}
