/** Real time: what is due is told at once. */
import type { Told } from '../../../core/contracts/sayings.ts'
import type { Running } from './running.ts'

/** Orders of so long share an append, and so its fsync. */
const TICK_MS = 50
const PROGRESS_INTERVAL_MS = 1_000
const HEALTH_INTERVAL_MS = 5_000

/** Resolves when the signal aborted. What a pause of the process left undone is caught up. */
export async function goLive(running: Running, said: Told): Promise<void> {
  const { feed, health, clock, signal } = running
  let sentMs = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    const nowMs = clock.now()
    const isAll = running.fill(nowMs)
    if (feed.waiting > 0 || nowMs - sentMs >= PROGRESS_INTERVAL_MS) {
      await running.send('live', isAll, nowMs)
      sentMs = nowMs
    }
    await health.report({ state: 'running', said }, HEALTH_INTERVAL_MS)
    await clock.sleep(isAll ? Math.max(1, nowMs + TICK_MS - clock.now()) : 0, signal)
  }
}
