import type { Clock } from '../core/runtime/clock.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import type { Logger } from '../core/runtime/logger.ts'

const RETRY_MS = 2_000

/**
 * Works until the signal. What is thrown is told once, as `complaint`, and it begins anew after a while; `onSuccess` says
 * that what was complained of is over.
 */
export async function patiently(
  options: { clock: Clock; logger: Logger; signal: AbortSignal; complaint: string },
  attempt: (onSuccess: () => void) => Promise<void>,
): Promise<void> {
  const { clock, logger, signal, complaint } = options
  let told = ''
  while (!signal.aborted) {
    try {
      await attempt(() => {
        told = ''
      })
    } catch (error) {
      if (signal.aborted) return
      if (told !== errorMessage(error)) logger.warn(complaint, { why: errorMessage(error) })
      told = errorMessage(error)
      await clock.sleep(RETRY_MS, signal)
    }
  }
}
