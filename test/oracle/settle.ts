/** Runs a processor until every partition is caught up with the log, or until it is known that it never will be. */
import type { EventLog } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import type { OrdersProcessor } from '../../processors/orders/process-orders.ts'

export interface Settling {
  log: EventLog
  topic: string
  /** Whose committed positions tell how far the processor is. */
  group: string
  start: () => Promise<OrdersProcessor>
  /** Counts on while batches land. */
  landed: { readonly batches: number; readonly at: number }
  /** How often the positions are looked at; by default every 10 ms. */
  pollMs?: number
}

/** A processor that lands nothing for so long, with records left to take, will never be done. */
const IDLE_LIMIT_MS = 60_000
const POLL_MS = 10

/** Resolves with what the processor halted for, else empty. */
export function settle(settling: Settling): Promise<string[]> {
  return runUntil(settling, () => isCaughtUp(settling))
}

/** The same with a new processor after every batch, which knows nothing: state dropped after every batch. */
export async function settleForgetting(settling: Settling): Promise<string[]> {
  while (!(await isCaughtUp(settling))) {
    const { batches } = settling.landed
    const faults = await runUntil(settling, async () => settling.landed.batches > batches)
    if (faults.length > 0) return faults
  }
  return []
}

async function runUntil(
  { start, landed, pollMs = POLL_MS }: Settling,
  isDone: () => Promise<boolean>,
): Promise<string[]> {
  const startedAt = Date.now()
  const processor = await start()
  try {
    for (;;) {
      const { state, message } = processor.health()
      if (state === 'halted') return [`pipeline: the processor halted: ${message}`]
      if (await isDone()) return []
      if (Date.now() - Math.max(startedAt, landed.at) > IDLE_LIMIT_MS)
        return [`pipeline: not caught up, and nothing lands any more; ${state}: ${message}`]
      await systemClock.sleep(pollMs)
    }
  } finally {
    await processor.stop()
  }
}

/** The position is committed after everything else of a batch is done: state, commands and notices. */
async function isCaughtUp({ log, topic, group }: Settling): Promise<boolean> {
  for (let partition = 0; partition < log.partitions(topic); partition++) {
    const { next } = await log.bounds(topic, partition)
    if (((await log.committed(group, topic, partition)) ?? 0) < next) return false
  }
  return true
}
