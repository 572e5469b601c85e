import type { Clock } from '../../core/runtime/clock.ts'

/** After a run that took long the pause is as long, so that half of the time is left for what the hub reads from. */
const MAX_HOLD_OFF_MS = 500

export interface HoldOff {
  /** Something changed. */
  touch(): void
  /** Runs no more; resolves when the last run is over. */
  stop(): Promise<void>
}

/**
 * Runs at once when touched, then not again for `holdOffMs` from its start however often it is touched, and once more at
 * its end if it was. Never two runs at the same time. `run` must not reject.
 */
export function createHoldOff(options: {
  run: () => Promise<void>
  holdOffMs: number
  clock: Clock
}): HoldOff {
  const { run, holdOffMs, clock } = options
  const ending = new AbortController()
  let wanted = false
  let running: Promise<void> | undefined

  async function drain(): Promise<void> {
    // A touch from within the first run must find `running` set.
    await undefined
    while (wanted && !ending.signal.aborted) {
      wanted = false
      const startMs = clock.now()
      await run()
      const tookMs = clock.now() - startMs
      // A run that took part of the hold-off has waited for that part already.
      await clock.sleep(Math.max(holdOffMs - tookMs, Math.min(tookMs, MAX_HOLD_OFF_MS)), ending.signal)
    }
    running = undefined
  }

  return {
    touch() {
      wanted = true
      if (!ending.signal.aborted) running ??= drain()
    },
    async stop() {
      ending.abort()
      await running
    },
  }
}
