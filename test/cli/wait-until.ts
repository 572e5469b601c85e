import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20
/** A machine that runs other tests beside, or a disk that stalls, is no fault of what is waited for. */
const PATIENCE = 3

/** Asks until there is an answer other than undefined or false; throws with `what` after `PATIENCE` times `usualMs`. */
export async function waitUntil<T>(
  what: string | (() => string),
  usualMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const timeoutMs = PATIENCE * usualMs
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline)
      throw new Error(`waited ${timeoutMs / 1_000} s for ${typeof what === 'string' ? what : what()}`)
    await delay(POLL_MS)
  }
}
