import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import { BARRIER_EXPIRES_MS } from '../audit/barrier.ts'

/** Longer than a barrier lasts whose owner was killed. */
const MAX_WAIT_MS = BARRIER_EXPIRES_MS + 15_000
const RETRY_MS = 500

/** Tries again while somebody else has a barrier open: the reconciler, or one that was killed behind it. */
export async function whileBusy<T>(clock: Clock, task: () => Promise<T>): Promise<T> {
  const deadline = clock.now() + MAX_WAIT_MS
  for (;;) {
    try {
      return await task()
    } catch (error) {
      if (errorCode(error) !== 'BARRIER_BUSY' || clock.now() > deadline) throw error
      await clock.sleep(RETRY_MS)
    }
  }
}
