/** Writers of partitions without a group: they go on whoever else writes, as a processor that lost its partitions may. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { isPassingLogError } from '../../core/log/passing-error.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { createComputePool } from '../../processors/orders/compute-pool.ts'
import { type PartitionEvent, runPartition, type StepHook } from '../../processors/orders/partition-loop.ts'
import { LIMITS } from './processors.ts'
import { PARTITIONS, type World } from './world.ts'

export interface WriterOptions {
  partitions?: readonly number[]
  warehouse?: Warehouse
  onStep?: StepHook
  limits?: Partial<typeof LIMITS>
  /** After every batch that landed all is forgotten, and the next one begins from the table. */
  forgets?: boolean
}

export interface Writers {
  /** How often each kind of event was told; those that landed and had to be settled are counted apart, too. */
  readonly counts: ReadonlyMap<PartitionEvent['type'] | 'settled', number>
  stop(): Promise<void>
}

const RETRY_MS = 100
const ALL_PARTITIONS = Array.from({ length: PARTITIONS }, (_, partition) => partition)

/** What writers need to know of a world. */
export type WriterPlace = Pick<World, 'openLog' | 'database' | 'context'> & {
  host: Pick<World['host'], 'warehouse'>
}

export async function startWriters(world: WriterPlace, options: WriterOptions = {}): Promise<Writers> {
  const log = await world.openLog()
  const pool = createComputePool()
  const stopping = new AbortController()
  const counts = new Map<PartitionEvent['type'] | 'settled', number>()
  const count = (what: PartitionEvent['type'] | 'settled') =>
    void counts.set(what, (counts.get(what) ?? 0) + 1)
  const runOne = (partition: number) => {
    const life = new AbortController()
    return runPartition({
      warehouse: options.warehouse ?? world.host.warehouse,
      database: world.database,
      log,
      clock: systemClock,
      logger: silentLogger,
      signal: AbortSignal.any([stopping.signal, life.signal]),
      context: { ...world.context(), partition },
      pool,
      limits: { ...LIMITS, ...options.limits },
      onStep: options.onStep ?? (() => {}),
      onEvent: (event) => {
        count(event.type)
        if (event.type === 'landed' && event.settled) count('settled')
        if (options.forgets && event.type === 'landed') life.abort()
      },
    })
  }
  const running = (options.partitions ?? ALL_PARTITIONS).map(async (partition) => {
    while (!stopping.signal.aborted) await runOne(partition).catch(waitOut)
  })
  const done = Promise.all(running)
  // Looked at when it is stopped; a rejection must not end the test's process before.
  done.catch(() => {})
  return {
    counts,
    stop: async () => {
      stopping.abort()
      await done.finally(() => pool.close()).finally(() => log.close())
    },
  }
}

/** As the processor does it: errors of the connections pass, whatever else recovery says is for a person. */
async function waitOut(error: unknown): Promise<void> {
  if (!errorCode(error)?.startsWith('CLICKHOUSE_') && !isPassingLogError(error)) throw error
  await sleep(RETRY_MS)
}
