/**
 * One of several processes does what is to be done once: who is given the only partition of `committed-batches` in a group
 * of its own leads, the others wait. Whoever is cut off goes on until it hears of it, so that two may lead for a moment:
 * what they write must bear that.
 */
import type { EventLog, GroupHandlers } from '../core/log/event-log.ts'
import type { Clock } from '../core/runtime/clock.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { patiently } from './patiently.ts'

export interface LeadOptions {
  log: EventLog
  clock: Clock
  logger: Logger
  signal: AbortSignal
}

/** Works until the signal; `onSuccess` says that what was complained of is over. */
type Work = (signal: AbortSignal, onSuccess: () => void) => Promise<void>

/** Its one partition says who leads. */
const LEADER_TOPIC = 'committed-batches'

/**
 * Resolves when the signal came and nothing runs any more. What `work` throws is told once, as `complaint`, and it begins
 * anew: whatever goes wrong passes, and the rest is left in peace.
 */
export async function leadGroup(
  options: LeadOptions,
  group: string,
  complaint: string,
  work: Work,
): Promise<void> {
  const { log, signal } = options
  let leading: { stop: AbortController; done: Promise<void> } | undefined
  const stop = async () => {
    leading?.stop.abort()
    await leading?.done
    leading = undefined
  }
  const handlers: GroupHandlers = {
    onAssigned: (partitions) => {
      if (partitions.length === 0 || leading !== undefined) return
      const stopping = new AbortController()
      leading = { stop: stopping, done: lead(AbortSignal.any([signal, stopping.signal])) }
    },
    onRevoked: stop,
  }
  // A log that is away at the start is waited for like one that goes later.
  await patiently({ ...options, complaint }, async () => {
    const membership = await log.join(group, LEADER_TOPIC, handlers)
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    await stop()
    await membership.leave()
  })

  function lead(until: AbortSignal): Promise<void> {
    return patiently({ ...options, signal: until, complaint }, (onSuccess) => work(until, onSuccess))
  }
}
