import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'

/** With the five seconds that each attempt waits by itself: longer than a barrier lasts whose owner was killed. */
const MAX_ATTEMPTS = 5
const RETRY_MS = 500

/** Tries again while somebody else has a barrier open: the reconciler, or one that was killed behind it. */
export async function whileBusy<T>(clock: Clock, task: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (errorCode(error) !== 'BARRIER_BUSY' || attempt === MAX_ATTEMPTS) throw error
      await clock.sleep(RETRY_MS)
    }
  }
}
