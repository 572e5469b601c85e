/** The processors of a run: orders, the reconciler, dead letters, facts, and what is computed from them. */

import { setMaxListeners } from 'node:events'
import type { Registry } from 'prom-client'
import { asideOf } from '../clickhouse/aside.ts'
import { FIRST_RUN, type Run } from '../clickhouse/runs/run.ts'
import { shardsOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import { formatDay } from '../core/runtime/local-time.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { PRIORITY } from '../core/runtime/priority.ts'
import { codeVersion } from '../core/runtime/program.ts'
import { followMetrics } from '../processors/anomaly/metrics/follow-metrics.ts'
import { followOrders } from '../processors/anomaly/orders/follow-orders.ts'
import { storeDeadLetters } from '../processors/dead-letters/store-dead-letters.ts'
import { storeFacts } from '../processors/facts/store-facts.ts'
import { followForecasts } from '../processors/forecast/follow-forecasts.ts'
import { followPace } from '../processors/forecast/follow-pace.ts'
import { createHolidayBook } from '../processors/holiday-book.ts'
import type { ComputePool } from '../processors/orders/compute-pool.ts'
import { openMarks } from '../processors/orders/open-marks.ts'
import { orderMetrics } from '../processors/orders/order-metrics.ts'
import type { PartitionEvent } from '../processors/orders/partition-loop.ts'
import { BATCH_LIMITS } from '../processors/orders/partition-loop.ts'
import { type ProcessorHealth, startOrdersProcessor } from '../processors/orders/process-orders.ts'
import type { Reconciler } from '../processors/reconciler/create-reconciler.ts'
import { reconcileShards } from '../processors/reconciler/reconcile-shards.ts'
import {
  readServerStart,
  readServerStarts,
  recordCleanStop,
  recordStarted,
} from '../processors/reconciler/server-lives.ts'
import { followCustomers } from '../processors/rfm/follow-customers.ts'
import { followValues } from '../processors/rfm/follow-values.ts'
import { watchBacklog } from './watch-backlog.ts'

export interface ProcessorsHealth extends ProcessorHealth {
  /** Records that the log held at the start and that are not taken yet: until then the numbers are old ones. */
  backlog: number
}

export interface Processors {
  /** Which run they speak of: the one that is shown, where they fill several. */
  readonly run: string
  health(): ProcessorsHealth
  reconciler: Reconciler
  /** The server was started again: marks tell the new life from now on, and all views are audited. */
  serverRestarted(): void
  stop(): Promise<void>
}

export interface ProcessorsOptions {
  config: Config
  warehouse: Warehouse
  log: EventLog
  logger: Logger
  registry: Registry
  /** Of one batch. */
  maxRecords?: number
  /** Computes the batches, of all runs. */
  pool: ComputePool
  /**
   * Asked when nothing of this process is under way any more: whether nobody else writes either, so that the life of the
   * server is whole. Default: nobody does.
   */
  lastWriter?: () => boolean
  /** Which run they fill. Default: the first one. */
  run?: Run
  /** Awaited before a batch is taken: a run that is not shown lets the others go first. */
  giveWay?: () => Promise<void>
}

const MOST_LISTENERS = 100

export async function startProcessors(options: ProcessorsOptions): Promise<Processors> {
  const { config, warehouse, log, logger, registry } = options
  const { run, database } = options.run ?? FIRST_RUN
  const serverStarts = await readServerStarts(warehouse)
  const context = {
    run,
    topic: 'orders',
    incarnation: log.incarnation,
    code: codeVersion(),
    serverStart: serverStarts[0]!,
    serverStarts,
    tenants: new Map(config.tenants.map((tenant) => [tenant.id, tenant])),
  }
  const opening = { warehouse, database, log, context, takeLog: false, now: systemClock.now() }
  const reconciler = reconcileShards({
    warehouse,
    database,
    run,
    clock: systemClock,
    random: Math.random,
    logger,
    registry,
  })
  const stopping = new AbortController()
  const { signal } = stopping
  // Each part listens while it sleeps, and lets go when it wakes: more than ten at a time is no leak.
  setMaxListeners(MOST_LISTENERS, signal)
  // A start that fails half-way leaves nothing that runs on: its process could not end, and who tries again had two.
  const giveUp = async (error: unknown): Promise<never> => {
    stopping.abort()
    await reconciler.stop()
    throw error
  }
  await Promise.all([openMarks(opening), reconciler.start()]).catch(giveUp)
  /** False: an insert was ended of which nobody knows what it left; then no stop is a clean one. */
  let isWhole = true
  const metrics = orderMetrics(registry, {
    log,
    topic: context.topic,
    clock: systemClock,
    queued: () => options.pool.queued(),
  })
  const looking = { warehouse, database, log, clock: systemClock, signal }
  const backlog = await watchBacklog(looking).catch(giveUp)
  const orders = await startOrdersProcessor({
    warehouse,
    database,
    log,
    clock: systemClock,
    logger,
    context,
    pool: options.pool,
    limits: { ...BATCH_LIMITS, maxRecords: options.maxRecords ?? BATCH_LIMITS.maxRecords },
    onStep: (step, phase) => (step === 'take' && phase === 'before' ? options.giveWay?.() : undefined),
    onEvent: (partition, event) => {
      metrics.count(partition, event)
      auditSettled(event, reconciler)
      if (event.type === 'ended' && event.days === undefined) isWhole = false
    },
  }).catch(giveUp)
  const letters = storeDeadLetters({
    warehouse,
    database,
    run,
    log,
    clock: systemClock,
    logger,
    signal,
  })
  const following = {
    warehouse,
    database,
    run,
    log,
    tenants: context.tenants,
    clock: systemClock,
    logger,
    signal,
  }
  const facts = storeFacts(following)
  const holidays = createHolidayBook(logger)
  const aside = { ...following, warehouse: asideOf(warehouse) }
  const segmenting = { ...following, warehouse: asideOf(warehouse, PRIORITY.segments) }
  const analytics = config.analytics
    ? [
        followCustomers({ ...segmenting, mode: config.segments, registry }),
        followValues({ ...aside, registry }),
        followForecasts({ ...aside, holidays, registry }),
        followPace(aside),
        followOrders({ ...aside, config: config.anomaly, wall: wallOf(config), registry }),
        followMetrics({ ...aside, holidays, wall: wallOf(config), registry }),
      ]
    : []
  return {
    run,
    health: () => ({ ...orders.health(), backlog: backlog.left() }),
    reconciler,
    serverRestarted: () => {
      const learn = async () => {
        context.serverStarts = await readServerStarts(warehouse)
        context.serverStart = context.serverStarts[0]!
        await reconciler.checkServer()
      }
      learn().catch((error) => logger.warn('the restart is looked at later', { why: errorMessage(error) }))
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([orders.stop(), letters, facts, ...analytics, backlog.watching])
      await reconciler.stop()
      // With nothing under way any more this life of the server is known to be whole.
      if (reconciler.isUnsettled() || !isWhole) return
      await recordWhole(warehouse, database, options.lastWriter).catch((error) =>
        logger.warn('the stop is not recorded as clean; the next start audits all views', {
          why: errorMessage(error),
        }),
      )
    },
  }
}

/** Where events say that the wall is; empty, so that links are relative, where only the port's taker will know. */
function wallOf({ access, port }: Config): string {
  return access.origins[0] ?? (port === 0 ? '' : `http://127.0.0.1:${port}`)
}

/** A writer that came while it was recorded takes the record back: from here on the life is its own again. */
async function recordWhole(warehouse: Warehouse, database: string, lastWriter = () => true): Promise<void> {
  if (!lastWriter()) return
  const servers = shardsOf(warehouse)
  await Promise.all(servers.map((server) => recordCleanStop(server, database)))
  if (lastWriter()) return
  for (const server of servers) await recordStarted(server, database, await readServerStart(server))
}

/** An insert whose acknowledgement was lost may have reached the base and not a view: its days are compared at once. */
function auditSettled(event: PartitionEvent, reconciler: Reconciler): void {
  if (event.type === 'ended') reconciler.settle(event.days ?? [])
  if (event.type !== 'landed' || !event.settled) return
  const days = new Set([...event.batch.touched.values()].flatMap((set) => [...set]))
  reconciler.settle([...days].map(formatDay))
}
