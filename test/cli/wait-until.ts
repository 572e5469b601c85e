import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20

/** Asks until there is an answer other than undefined or false; throws with `what` when the time is over. */
export async function waitUntil<T>(
  what: string,
  timeoutMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1_000} s for ${what}`)
    await delay(POLL_MS)
  }
}
