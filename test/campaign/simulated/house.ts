/**
 * One process that fills the table: the product's own orders processor and reconciler, put together as
 * commands/start-processors.ts does, on ports that go through its thread of life.
 */
import { Registry } from 'prom-client'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { formatDay } from '../../../core/runtime/local-time.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import { poolOver } from '../../../processors/orders/compute-pool.ts'
import type { Run } from '../../../processors/orders/compute-tasks.ts'
import { openMarks } from '../../../processors/orders/open-marks.ts'
import type { PartitionEvent, StepHook } from '../../../processors/orders/partition-loop.ts'
import { type OrdersProcessor, startOrdersProcessor } from '../../../processors/orders/process-orders.ts'
import { computeTasks } from '../../../processors/orders/run-compute-task.ts'
import { createReconciler, type Reconciler } from '../../../processors/reconciler/create-reconciler.ts'
import { readServerStart, recordCleanStop } from '../../../processors/reconciler/server-lives.ts'
import type { Random } from '../../oracle/random.ts'
import { NORTH } from '../../oracle/shops.ts'
import type { Life } from './life.ts'
import type { Plan } from './plan.ts'
import { DATABASE } from './sql-shapes.ts'

export const RUN = 'sim'
export const TOPIC = 'orders'

export interface HousePorts {
  plan: Plan
  life: Life
  warehouse: Warehouse
  log: EventLog
  clock: Clock
  logger: Logger
  random: Random
  /** Around the computing, where a mutant wants to be. */
  compute: (run: Run) => Run
  onStep: StepHook
  onEvent: (partition: number, event: PartitionEvent) => void
  /** Whether an insert that was settled is audited. */
  auditsSettled: boolean
  auditsEnded: boolean
  /** It was stopped with days that are not audited: the rounds will. */
  onUnsettled: () => void
}

export interface House {
  readonly life: Life
  readonly reconciler: Reconciler
  readonly orders: OrdersProcessor
  serverRestarted(): void
  /** `isLast`: the server's life is known to be whole then. */
  stop(isLast: boolean): Promise<void>
}

export async function openHouse(ports: HousePorts): Promise<House> {
  const { plan, life, warehouse, log, clock, logger, random } = ports
  const context = {
    run: RUN,
    topic: TOPIC,
    incarnation: log.incarnation,
    code: 'simulated',
    serverStart: await readServerStart(warehouse),
    tenants: new Map([[NORTH.id, NORTH]]),
  }
  const database = DATABASE
  const reconciler = createReconciler({
    ...{ warehouse, database, run: RUN, clock, logger, registry: new Registry() },
    random: () => random.next(),
    barrierMs: plan.barrierMs,
  })
  let isWhole = true
  const opening = { warehouse, database, log, context, takeLog: plan.takesLog, now: clock.now() }
  await Promise.all([openMarks(opening), reconciler.start()]).catch(async (error) => {
    await reconciler.stop()
    throw error
  })
  const orders = await startOrdersProcessor({
    ...{ warehouse, database, log, clock, logger, context },
    pool: poolOver(ports.compute(runThrough(life, plan.ring)), async () => {}),
    limits: {
      maxRecords: plan.maxRecords,
      maxBytes: 1 << 20,
      minIntervalMs: 50,
      progressIntervalMs: 1_000,
    },
    onStep: ports.onStep,
    onEvent: (partition, event) => {
      ports.onEvent(partition, event)
      if (event.type === 'ended' && event.days === undefined) isWhole = false
      if (event.type === 'ended' && ports.auditsEnded) reconciler.settle(event.days ?? [])
      if (!ports.auditsSettled || event.type !== 'landed' || !event.settled) return
      const days = new Set([...event.batch.touched.values()].flatMap((set) => [...set]))
      reconciler.settle([...days].map(formatDay))
    },
  })
  return {
    life,
    reconciler,
    orders,
    serverRestarted: () => {
      const learn = async () => {
        context.serverStart = await readServerStart(warehouse)
        await reconciler.checkServer()
      }
      // The next round looks again.
      learn().catch(() => {})
    },
    stop: async (isLast) => {
      await orders.stop()
      await reconciler.stop()
      if (reconciler.isUnsettled() || !isWhole) ports.onUnsettled()
      else if (isLast) await recordCleanStop(warehouse, database).catch(() => {})
    },
  }
}

/** The worker's thread is a port as well: a process may end while it computes. */
function runThrough(life: Life, ring: number): Run {
  const run = computeTasks(ring)
  return (task) =>
    life.through(
      () => `compute: ${task.type}`,
      async () => run(task),
    )
}
