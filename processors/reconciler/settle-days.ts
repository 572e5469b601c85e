/** Audits the days of settled inserts until that has worked: a view that such an insert did not reach is wrong meanwhile. */
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'

export interface SettleOptions {
  audit: (days: string[]) => Promise<unknown>
  clock: Clock
  logger: Logger
  /** No attempt begins behind it. */
  signal: AbortSignal
  retryMs: number
}

export interface Settling {
  /** Never rejects, and is not waited for. */
  settle(days: Iterable<string>): void
  /** Days are not audited yet. */
  isLeft(): boolean
  /** Resolves when no attempt is under way and, behind the signal, none will be. */
  ended(): Promise<void>
}

export function settleDays({ audit, clock, logger, signal, retryMs }: SettleOptions): Settling {
  let left = new Set<string>()
  let running: Promise<void> | undefined
  return {
    settle(days) {
      for (const day of days) left.add(day)
      if (left.size > 0) running ??= run()
    },
    isLeft: () => running !== undefined || left.size > 0,
    ended: async () => running,
  }

  async function run(): Promise<void> {
    while (left.size > 0 && !signal.aborted) {
      const days = left
      // A day that comes again meanwhile came behind this comparison, and has one of its own.
      left = new Set()
      try {
        await audit([...days])
      } catch (error) {
        for (const day of days) left.add(day)
        logger.warn('the days of a settled insert are not audited yet; they will be', {
          why: errorMessage(error),
        })
        await clock.sleep(retryMs, signal)
      }
    }
    running = undefined
  }
}
