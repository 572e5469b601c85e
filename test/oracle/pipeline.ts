/**
 * The pipeline in this process, on a real ClickHouse and a real log: everything between a source's append and the views.
 * One database and one folder for each, so that several can share an engine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '../../clickhouse/migrations/migrate.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { openMarks } from '../../processors/orders/open-marks.ts'
import { groupOf, type StepHook } from '../../processors/orders/partition-loop.ts'
import {
  type OrdersProcessor,
  type OrdersProcessorOptions,
  startOrdersProcessor,
} from '../../processors/orders/process-orders.ts'

export interface PipelineOptions {
  warehouse: Warehouse
  database: string
  tenants: readonly TenantConfig[]
  partitions?: number
  /** Small, so that orders are met again in other batches. */
  maxRecords?: number
  /** What the processor is given instead of the warehouse; the fixture itself always uses the plain one. */
  decorate?: (warehouse: Warehouse) => Warehouse
  /** What the processor believes of the tenants, where that is to differ. */
  believedTenants?: readonly TenantConfig[]
  onStep?: StepHook
}

export interface Pipeline {
  log: EventLog
  database: string
  /** Runs until every partition is caught up with the log; resolves with what went wrong, else empty. */
  settle(): Promise<string[]>
  /** The same, but every batch is written by a new processor that knows nothing: state dropped after every batch. */
  settleForgetting(): Promise<string[]>
  batches(): number
  dispose(): Promise<void>
}

const TOPIC = 'orders'
const RUN = 'r1'
/** A pipeline that takes longer than this for a test's few records will never be done. */
const SETTLE_LIMIT_MS = 60_000

export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { warehouse, database, tenants, partitions = 2 } = options
  const folder = mkdtempSync(join(tmpdir(), 'revwall-oracle-'))
  await migrate(warehouse, { database })
  const log = await openEmbeddedLog({ folder, logger: silentLogger })
  for (const { name, partitions: usual, retentionMs } of Object.values(TOPICS))
    await log.ensureTopic(name, { partitions: name === TOPIC ? partitions : usual, retentionMs })
  const believed = new Map((options.believedTenants ?? tenants).map((tenant) => [tenant.id, tenant]))
  const context = {
    run: RUN,
    topic: TOPIC,
    incarnation: log.incarnation,
    code: 'test',
    serverStart: 0,
    tenants: believed,
  }
  await openMarks({ warehouse, database, log, context, takeLog: false, now: Date.now() })
  let batches = 0
  const processorOptions = (stopAfterBatch?: () => void): OrdersProcessorOptions => ({
    warehouse: options.decorate?.(warehouse) ?? warehouse,
    database,
    log,
    clock: systemClock,
    logger: silentLogger,
    context,
    limits: {
      maxRecords: options.maxRecords ?? 23,
      maxBytes: 4 * 2 ** 20,
      minIntervalMs: 0,
      progressIntervalMs: 5,
    },
    onStep: options.onStep ?? (() => {}),
    onEvent: (_, event) => {
      if (event.type !== 'landed') return
      batches += 1
      stopAfterBatch?.()
    },
  })
  return {
    log,
    database,
    settle: () =>
      settle(
        log,
        () => startOrdersProcessor(processorOptions()),
        () => false,
      ),
    settleForgetting: () => settleForgetting(log, processorOptions),
    batches: () => batches,
    dispose: async () => {
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function settleForgetting(
  log: EventLog,
  processorOptions: (stopAfterBatch: () => void) => OrdersProcessorOptions,
): Promise<string[]> {
  const startedAt = Date.now()
  while (!(await isCaughtUp(log))) {
    let landed = false
    const options = processorOptions(() => {
      landed = true
    })
    const faults = await settle(
      log,
      () => startOrdersProcessor(options),
      () => landed,
    )
    if (faults.length > 0) return faults
    if (Date.now() - startedAt > SETTLE_LIMIT_MS) return ['pipeline: did not catch up']
  }
  return []
}

/** Starts a processor and waits until it is caught up, halted or told to end; what it halted for is the result. */
async function settle(
  log: EventLog,
  start: () => Promise<OrdersProcessor>,
  isOver: () => boolean,
): Promise<string[]> {
  const startedAt = Date.now()
  const processor = await start()
  try {
    for (;;) {
      const { state, message } = processor.health()
      if (state === 'halted') return [`pipeline: the processor halted: ${message}`]
      if (isOver() || (await isCaughtUp(log))) return []
      if (Date.now() - startedAt > SETTLE_LIMIT_MS) return [`pipeline: not caught up, ${state}: ${message}`]
      await systemClock.sleep(10)
    }
  } finally {
    await processor.stop()
  }
}

/** The position is committed after everything else of a batch is done: state, commands and notices. */
async function isCaughtUp(log: EventLog): Promise<boolean> {
  for (let partition = 0; partition < log.partitions(TOPIC); partition++) {
    const { next } = await log.bounds(TOPIC, partition)
    if (((await log.committed(groupOf(RUN), TOPIC, partition)) ?? 0) < next) return false
  }
  return true
}
