/**
 * The pipeline in this process, on a real ClickHouse and a real log: everything between a source's append and the views.
 * One database and one folder for each, so that several can share an engine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrateShards } from '../../clickhouse/migrations/migrate-shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { TOPICS } from '../../core/contracts/topics.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { IS_TEST_LOG_ON_KAFKA, openTestLog } from '../../core/log/testing/open-test-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { type ComputePool, createComputePool } from '../../processors/orders/compute-pool.ts'
import { openMarks } from '../../processors/orders/open-marks.ts'
import { groupOf, type StepHook } from '../../processors/orders/partition-loop.ts'
import { startOrdersProcessor } from '../../processors/orders/process-orders.ts'
import { settle, settleForgetting } from './settle.ts'

export interface PipelineOptions {
  warehouse: Warehouse
  database: string
  tenants: readonly TenantConfig[]
  partitions?: number
  /** Default: r1. */
  run?: string
  /** Takes a log that holds records from its beginning, when it had so many partitions. */
  takeLogFrom?: number
  /** Small, so that orders are met again in other batches. */
  maxRecords?: number
  /** What the processor is given instead of the warehouse; the fixture itself always uses the plain one. */
  decorate?: (warehouse: Warehouse) => Warehouse
  /** What the processor believes of the tenants, where that is to differ. */
  believedTenants?: readonly TenantConfig[]
  onStep?: StepHook
  /** Another handle on the log at each call; else it is that of openTestLog. */
  openLog?: () => Promise<EventLog>
  /** Else the processor has a thread of its own. */
  pool?: ComputePool
}

export interface Pipeline {
  log: EventLog
  database: string
  /** Runs until every partition is caught up with the log; resolves with what went wrong, else empty. */
  settle(): Promise<string[]>
  /** The same, but every batch is written by a new processor that knows nothing: state dropped after every batch. */
  settleForgetting(): Promise<string[]>
  /** One more processor in the same group, as in another process: with threads and a handle on the log of its own. */
  startBeside(): Promise<{ stop(): Promise<void> }>
  batches(): number
  dispose(): Promise<void>
}

const TOPIC = 'orders'
const RUN = 'r1'

export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { warehouse, database, tenants, partitions = 2, run = RUN } = options
  const folder = mkdtempSync(join(tmpdir(), 'revwall-oracle-'))
  await migrateShards(warehouse, { database })
  const openLog = async () => {
    const own = await (options.openLog?.() ?? openTestLog(folder))
    for (const { name, partitions: usual, retentionMs } of Object.values(TOPICS))
      await own.ensureTopic(name, { partitions: name === TOPIC ? partitions : usual, retentionMs })
    return own
  }
  const log = await openLog()
  const believed = new Map((options.believedTenants ?? tenants).map((tenant) => [tenant.id, tenant]))
  const context = {
    run,
    topic: TOPIC,
    incarnation: log.incarnation,
    code: 'test',
    serverStart: 0,
    tenants: believed,
  }
  const from = { takeLog: options.takeLogFrom !== undefined, partitions: options.takeLogFrom }
  await openMarks({ warehouse, database, log, context, ...from, now: Date.now() })
  const landed = { batches: 0, at: 0 }
  // One for all processors of this pipeline: a thread takes a while to start.
  const pool = options.pool ?? createComputePool()
  const start = (own: EventLog = log, threads = pool) =>
    startOrdersProcessor({
      warehouse: options.decorate?.(warehouse) ?? warehouse,
      ...{ database, log: own, context, clock: systemClock, logger: silentLogger },
      limits: {
        maxRecords: options.maxRecords ?? 23,
        maxBytes: 4 * 2 ** 20,
        minIntervalMs: 0,
        progressIntervalMs: 5,
      },
      onStep: options.onStep ?? (() => {}),
      pool: threads,
      onEvent: (_, event) => {
        if (event.type !== 'landed') return
        landed.batches += 1
        landed.at = Date.now()
      },
    })
  // A look at Kafka is four requests for each partition.
  const pollMs = options.openLog || IS_TEST_LOG_ON_KAFKA ? 200 : undefined
  const settling = { log, topic: TOPIC, group: groupOf(run), start: () => start(), landed, pollMs }
  return {
    log,
    database,
    settle: () => settle(settling),
    settleForgetting: () => settleForgetting(settling),
    startBeside: async () => {
      const own = await openLog()
      const threads = createComputePool()
      const processor = await start(own, threads)
      const stop = async () => {
        await processor.stop()
        await threads.close()
        await own.close()
      }
      return { stop }
    },
    batches: () => landed.batches,
    dispose: async () => {
      await pool.close()
      await log.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
