import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'

export interface RoundsOptions {
  round: () => Promise<void>
  intervalMs: number
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

/** After a round it rests for this many times as long as the round took: a tenth of one core at the most. */
const REST_FACTOR = 9
const MAX_REST_MS = 600_000
/** The start belongs to the first numbers: what is in doubt is audited at once in any case. */
const FIRST_REST_MS = 3_000

/** Rounds until the signal. An expected failure is logged when it begins and when it is over; anything else is a bug. */
export async function runRounds({ round, intervalMs, clock, logger, signal }: RoundsOptions): Promise<void> {
  let failing: string | undefined
  await clock.sleep(Math.min(intervalMs, FIRST_REST_MS), signal)
  while (!signal.aborted) {
    const began = clock.now()
    try {
      await round()
      if (failing !== undefined) logger.info('the reconciler goes on')
      failing = undefined
    } catch (error) {
      if (!(error instanceof RevwallError)) throw error
      const code = errorCode(error)
      if (code !== failing) logger.warn('the reconciler waits and tries again', { code, error })
      failing = code
    }
    const took = clock.now() - began
    await clock.sleep(Math.max(intervalMs, Math.min(REST_FACTOR * took, MAX_REST_MS)), signal)
  }
}
