import type { Clock } from '../../core/runtime/clock.ts'
import type { Warehouse } from '../warehouse.ts'

/**
 * The ids of this run's inserts that the server is at: batches and repairs. An insert is on the list before its guard is
 * read and until base and all views are written. Only inserts count: others may choose such an id for a query too.
 */
export async function runningInserts(warehouse: Warehouse, idPrefix: string): Promise<string[]> {
  const rows = await warehouse.query<{ query_id: string }>(
    `SELECT query_id FROM system.processes
     WHERE query_kind = 'Insert' AND startsWith(query_id, {idPrefix:String})`,
    { params: { idPrefix } },
  )
  return rows.map(({ query_id }) => query_id)
}

export interface WaitOptions {
  warehouse: Warehouse
  clock: Clock
  idPrefix: string
  timeoutMs: number
}

/** Resolves with the ids that still ran when the time was over; with none when all was quiet before. */
export function waitForInserts(options: WaitOptions): Promise<string[]> {
  return waitWhile(options, () => true)
}

/** The same for the inserts that run at first: those that begin later are not waited for. */
export async function waitForPresentInserts(options: WaitOptions): Promise<string[]> {
  const present = new Set(await runningInserts(options.warehouse, options.idPrefix))
  return present.size === 0 ? [] : waitWhile(options, (id) => present.has(id))
}

async function waitWhile(options: WaitOptions, counts: (id: string) => boolean): Promise<string[]> {
  const { warehouse, clock, idPrefix, timeoutMs } = options
  const began = clock.now()
  const end = began + timeoutMs
  for (;;) {
    const running = (await runningInserts(warehouse, idPrefix)).filter(counts)
    if (running.length === 0 || clock.now() >= end) return running
    const waited = clock.now() - began
    await clock.sleep(Math.min(Math.max(MIN_POLL_MS, waited / 8), MAX_POLL_MS, end - clock.now()))
  }
}

/** The longer it lasts, the seldomer it is asked: by an eighth too long at the most, and an insert that hangs is not polled to death. */
const MIN_POLL_MS = 10
const MAX_POLL_MS = 250
