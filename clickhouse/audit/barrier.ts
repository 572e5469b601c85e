import { randomUUID } from 'node:crypto'
import type { Clock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Warehouse } from '../warehouse.ts'
import { waitForInserts, waitForPresentInserts } from './running-inserts.ts'

/** What the code behind audits needs: the run's database and id, and the ports. */
export interface AuditContext {
  warehouse: Warehouse
  database: string
  /** Ids of all inserts of this run begin with `<run>:`. */
  run: string
  clock: Clock
  /** 0 ≤ x < 1, seeded. */
  random: () => number
}

export interface Barrier {
  readonly id: string
  readonly expiresAfterMs: number
  /**
   * An SQL condition for the owner's own INSERT … SELECT (parameter `barrier`): it throws 'barrier lost' unless this is
   * the only open barrier and stays open for `forMs` more, by the server's clock.
   */
  guardSql(forMs: number): string
  /** Throws BARRIER_LOST unless it is open and alone. */
  requireHeld(): Promise<void>
}

export interface BarrierOptions extends AuditContext {
  /** Who opens it and why. */
  owner: string
  /** It ends by itself then, so that a killed owner does not halt the pipeline for ever. */
  expiresAfterMs?: number
}

export const BARRIER_EXPIRES_MS = 30_000
/** Batches wait while a barrier is open, so it is closed again when an insert does not end soon. */
export const BARRIER_QUIET_MS = 5_000
const MAX_OPEN_ATTEMPTS = 10
/**
 * A server that was killed is back within seconds; one whose host was killed is taken over by another process, which takes
 * longer. Until the barrier is closed, or expires, no batch is written.
 */
const CLOSE_FOR_MS = 15_000
const MAX_BACKOFF_MS = 500

/**
 * Runs `task` while no batch is written: base and views stand still. Throws BARRIER_BUSY when another barrier, or an
 * insert that began before, does not end in time.
 *
 * 1. A row in `barriers`: from here on every guard that is read refuses its batch.
 * 2. Alone, or not at all. Whoever looks has written its own row before, so of two owners at least one sees the other;
 *    both go and try again at random times. An order by time or id would not do: a row may be written late.
 * 3. Inserts that had read their guard before are on the list of processes; wait until they are through.
 * 4. The task. 5. Close, whatever happened.
 */
export async function withBarrier<T>(
  options: BarrierOptions,
  task: (barrier: Barrier) => Promise<T>,
): Promise<T> {
  const barrier = await openAlone(options)
  let result: T
  try {
    await requireQuiet(options)
    result = await task(barrier)
  } catch (error) {
    // The first error tells more than one of closing, and the barrier ends by itself.
    await close(options, barrier.id).catch(() => {})
    throw error
  }
  await close(options, barrier.id)
  return result
}

async function openAlone(options: BarrierOptions): Promise<Barrier> {
  for (let attempt = 0; attempt < MAX_OPEN_ATTEMPTS; attempt++) {
    if (attempt > 0) await options.clock.sleep(options.random() * Math.min(MAX_BACKOFF_MS, 20 * 2 ** attempt))
    // Not even tried while there is another one: a second row would only keep the batches waiting for longer.
    if ((await readOpen(options)).length > 0) continue
    const barrier = barrierOf(options)
    if (await isAloneAfterOpening(options, barrier)) return barrier
    await close(options, barrier.id)
  }
  throw new RevwallError(
    'BARRIER_BUSY',
    `Another barrier stayed open while ${options.owner} wanted one. Try again.`,
  )
}

async function isAloneAfterOpening(
  options: BarrierOptions,
  { id, expiresAfterMs }: Barrier,
): Promise<boolean> {
  const { warehouse, database, owner } = options
  try {
    await warehouse.command(
      `INSERT INTO ${database}.barriers (id, owner, state, at, expires_at)
       SELECT {id:String}, {owner:String}, 1, now64(3), now64(3) + toIntervalMillisecond({ms:UInt32})`,
      { params: { id, owner, ms: expiresAfterMs }, settings: WRITE_SETTINGS },
    )
    const open = await readOpen(options)
    return open.length === 1 && open[0] === id
  } catch (error) {
    // It may have been written although the answer was lost.
    await close(options, id).catch(() => {})
    throw error
  }
}

function barrierOf(options: BarrierOptions): Barrier {
  // Never from the seeded random: two owners with one seed would take each other's barrier for their own.
  const id = randomUUID()
  return {
    id,
    expiresAfterMs: options.expiresAfterMs ?? BARRIER_EXPIRES_MS,
    guardSql: (forMs) =>
      `throwIf((SELECT count() != 1 OR countIf(id = {barrier:String} AND expires_at > now64(3) + toIntervalMillisecond(${forMs})) != 1
        FROM ${options.database}.open_barriers), 'barrier lost') = 0`,
    requireHeld: async () => {
      const open = await readOpen(options)
      if (open.length !== 1 || open[0] !== id)
        throw new RevwallError('BARRIER_LOST', `The barrier of ${options.owner} expired before it was done.`)
    },
  }
}

/**
 * Resolves when the inserts that run now have ended: what they leave apart on their way is none of a later comparison's.
 * Throws BARRIER_BUSY where one of them does not end in time.
 */
export async function waitForOthers(context: AuditContext, owner: string): Promise<void> {
  requireNone(await waitForPresentInserts(quietly(context)), owner)
}

async function requireQuiet(options: BarrierOptions): Promise<void> {
  requireNone(await waitForInserts(quietly(options)), options.owner)
}

const quietly = ({ warehouse, clock, run }: AuditContext) => ({
  ...{ warehouse, clock, idPrefix: `${run}:`, timeoutMs: BARRIER_QUIET_MS },
})

function requireNone(running: string[], owner: string): void {
  if (running.length === 0) return
  const message = `${owner} waited ${BARRIER_QUIET_MS} ms for inserts that are still running: ${running.slice(0, 5).join(', ')}.`
  throw new RevwallError('BARRIER_BUSY', message)
}

async function readOpen({ warehouse, database }: BarrierOptions): Promise<string[]> {
  const rows = await warehouse.query<{ id: string }>(`SELECT id FROM ${database}.open_barriers`)
  return rows.map(({ id }) => id)
}

// Closing twice does no harm, and a row of opening that comes late finds the closing one.
async function close({ warehouse, database, owner, clock }: BarrierOptions, id: string): Promise<void> {
  const until = clock.now() + CLOSE_FOR_MS
  for (;;) {
    try {
      return await warehouse.command(
        `INSERT INTO ${database}.barriers (id, owner, state, at, expires_at)
         SELECT {id:String}, {owner:String}, -1, now64(3), now64(3)`,
        { params: { id, owner }, settings: WRITE_SETTINGS },
      )
    } catch (error) {
      if (clock.now() >= until) throw error
      await clock.sleep(MAX_BACKOFF_MS)
    }
  }
}

const WRITE_SETTINGS = { async_insert: 0, insert_deduplicate: 0 } as const
