import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '../faults/world.ts'

export interface Selling {
  /** Records appended so far. */
  told(): number
  stop(): Promise<void>
}

const AT_ONCE = 20

/** Orders, edits and refunds of the world's source, evenly, until it is stopped or has no more. */
export function sellOn({ sales, log }: World, recordsPerSecond: number): Selling {
  let told = 0
  let stopped = false
  const began = performance.now()
  const running = (async () => {
    while (!stopped && sales.source.left > 0) {
      const behindMs = (told / recordsPerSecond) * 1_000 - (performance.now() - began)
      if (behindMs > 0) await sleep(behindMs)
      const records = sales.source.nextEvents(AT_ONCE)
      await sales.source.appendTo(log, records)
      told += records.length
    }
  })()
  // Its failure is told by `stop`.
  running.catch(() => {})
  return {
    told: () => told,
    stop: async () => {
      stopped = true
      await running
    },
  }
}
