/** One member of a group does the work, the others wait to take it over. */
import type { EventLog } from '../../../core/log/event-log.ts'

/** Its one partition says who leads. */
const LEADER_TOPIC = 'committed-batches'

/** `work` runs while this process leads, until the signal it is given; resolves when `signal` came and nothing runs any more. */
export async function lead(
  log: EventLog,
  group: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  let leading: { stop: AbortController; done: Promise<void> } | undefined
  const stop = async () => {
    leading?.stop.abort()
    await leading?.done
    leading = undefined
  }
  const membership = await log.join(group, LEADER_TOPIC, {
    onAssigned: (partitions) => {
      if (partitions.length === 0 || leading !== undefined) return
      const stopping = new AbortController()
      leading = { stop: stopping, done: work(AbortSignal.any([signal, stopping.signal])) }
    },
    onRevoked: stop,
  })
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  await stop()
  await membership.leave()
}
