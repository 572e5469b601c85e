/**
 * Waiting whose end is counted in time that this process had: where the whole machine stands still for a minute, or all of
 * its processes are stopped, nobody can recover meanwhile either.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../../core/runtime/errors.ts'

const POLL_MS = 50
/** A step that took longer than this was not the waiting's own. */
const MAX_STEP_MS = 1_000

/** Resolves with how long it took. What `isSo` throws means "not yet", for whoever is asked may be away. */
export async function patiently(
  what: string,
  maxMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<number> {
  let waitedMs = 0
  let last: unknown
  while (waitedMs < maxMs) {
    const since = performance.now()
    try {
      if (await isSo()) return waitedMs
    } catch (error) {
      last = error
    }
    await delay(POLL_MS)
    waitedMs += Math.min(performance.now() - since, MAX_STEP_MS)
  }
  const why = last === undefined ? '' : `: ${errorMessage(last)}`
  throw new Error(`${what}: not within ${maxMs / 1_000} s${why}`)
}
