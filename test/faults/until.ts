/** Waiting with an end: a fault that is not recovered from must fail its test by name, not by the runner's timeout. */
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 10
const DEFAULT_TIMEOUT_MS = 120_000

/** Errors of `isSo` count as "not yet": the server may be down just then. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<void> {
  const end = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < end) {
    try {
      if (await isSo()) return
    } catch (error) {
      last = error
    }
    await sleep(POLL_MS)
  }
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last })
}

/** Rejects when the promise takes longer. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const timer = new AbortController()
  const late = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`${what}: not within ${timeoutMs} ms`)
  })
  // The one that loses the race must not be an unhandled rejection.
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    timer.abort()
  }
}
