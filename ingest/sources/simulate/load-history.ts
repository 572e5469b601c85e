/** Everything that is due already, as fast as it goes. */
import { say } from '../../../core/contracts/sayings.ts'
import type { Running } from './running.ts'

const HEALTH_INTERVAL_MS = 500
/** After each append, at the most. */
const MAX_REST_MS = 100
/** Less than this behind the clock is as good as live. */
const CLOSE_MS = 1_000

export interface LoadOptions {
  beginMs: number
  /** No more orders than these are expected. */
  maxOrders: number
  /** Others have their part of this thread. */
  rests: boolean
  /** Told after each append: orders so far, and about how many it will be. */
  onLoaded?: ((loaded: number, total: number) => void) | undefined
}

/** Resolves when the log has everything up to the clock's now, or when the signal aborted. */
export async function loadHistory(running: Running, options: LoadOptions): Promise<void> {
  const { simulation, health, clock, signal } = running
  const sinceMs = clock.now()
  let untilMs = sinceMs
  let total = expectedOrders(running, options, untilMs)
  while (!signal.aborted) {
    const beganMs = clock.now()
    const isAll = running.fill(untilMs)
    await running.send('history', isAll, untilMs)
    total = Math.max(total, simulation.orders)
    options.onLoaded?.(simulation.orders, total)
    await health.report({ state: 'loading', loaded: simulation.orders, total, sinceMs }, HEALTH_INTERVAL_MS)
    if (isAll && clock.now() - untilMs < CLOSE_MS) break
    // Loading takes its time, in which the shop goes on.
    if (isAll) untilMs = clock.now()
    const restMs = options.rests ? Math.min(clock.now() - beganMs, MAX_REST_MS) : 0
    if (restMs > 0) await clock.sleep(restMs, signal)
  }
  const loaded = simulation.orders
  await health.report({ state: 'loading', loaded, total: loaded, sinceMs, said: say('source.loaded') })
}

function expectedOrders(
  { simulation }: Running,
  { beginMs, maxOrders }: LoadOptions,
  untilMs: number,
): number {
  return Math.round(Math.min(maxOrders, simulation.expectedOrders(beginMs, untilMs)))
}
