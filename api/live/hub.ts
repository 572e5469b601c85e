/**
 * The live hub: one view for each (tenant, axis) that somebody watches, driven by the notices of processors and by the
 * marks. Totals are always asked for again and never added up here.
 */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { HEARTBEAT_INTERVAL_MS } from '../../core/contracts/live-path.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Axis } from '../../core/contracts/tiles.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Redis } from '../../core/redis/connect-redis.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { createFrameMemory } from '../shared/frame-memory.ts'
import { createHealthBook, HEALTH_RECORDS_AT_START } from './source-health.ts'
import { tailTopic } from './tail-topic.ts'
import { createTenantFacts, type Health, type TenantFacts } from './tenant-facts.ts'
import { type Touched, touchedDays } from './touched.ts'
import { createView, type View } from './view.ts'
import { type NewsTimes, watchMarks } from './watch-marks.ts'

/** A view that nobody watched or asked for is kept for so long; there are never more than tenants × axes. */
const KEEP_IDLE_VIEW_MS = 60_000
const FIRST_LOOK_WAIT_MS = 2_000

export interface HubOptions {
  tenants: readonly TenantConfig[]
  warehouse: Warehouse
  database: string
  log: EventLog
  clock: Clock
  logger: Logger
  metrics: ApiMetrics
  health: () => Health
  verifying: () => boolean
  analytics: boolean
  /** Where views keep what other processes of the api need to go on from their frames. */
  redis?: Redis
  /** Told of what batches touched; `isNews` false: no batch told it, it is only a look from time to time. */
  onTouched?: (touched: Touched, isNews: boolean) => void
}

export interface Hub {
  facts(tenant: string): TenantFacts
  /** The view, made when it is not there. Ask again rather than keep it: an idle one is let go. */
  view(tenant: string, axis: Axis): View
  views(): Iterable<View>
  /** Of the orders topic. */
  partitions(): number
  /** Another run is shown: every view begins a new epoch, of which its clients take a snapshot. */
  renew(): void
  /** Resolves after the first look at the marks, so that the tenants' now is known; without ClickHouse soon as well. */
  start(): Promise<void>
  stop(): Promise<void>
}

export function createHub(options: HubOptions): Hub {
  const { tenants, log, clock, logger, metrics } = options
  const ending = new AbortController()
  const looked = new AbortController()
  const views = new Map<string, { view: View; tenant: string; usedAtMs: number }>()
  const healths = createHealthBook(tenants.map(({ id }) => id))
  const marks = watchMarks({ ...options, onNotice, onLook })
  const configs = new Map(tenants.map((tenant) => [tenant.id, tenant]))
  const facts = new Map(
    tenants.map((tenant) => [tenant.id, createTenantFacts(tenant, { ...options, marks, healths })]),
  )
  let running: Promise<unknown> | undefined

  function onNotice(touched: Touched, since: NewsTimes): void {
    options.onTouched?.(touched, true)
    for (const { view, tenant } of views.values()) {
      const days = touchedDays(touched, tenant)
      if (days !== undefined) view.touch(days, since)
    }
  }

  function onLook(touched: Touched): void {
    looked.abort()
    if (touched === 'all') options.onTouched?.(touched, false)
    const idleBeforeMs = clock.now() - KEEP_IDLE_VIEW_MS
    for (const [key, entry] of views) {
      if (entry.view.fanOut.clients.size > 0) entry.usedAtMs = clock.now()
      if (entry.usedAtMs < idleBeforeMs) {
        views.delete(key)
        void entry.view.stop()
        continue
      }
      // Without a touch too: time goes on, and a client that was blocked may be ready again.
      entry.view.touch(touchedDays(touched, entry.tenant))
    }
  }

  function view(tenant: string, axis: Axis): View {
    const key = `${tenant}/${axis}`
    const entry = views.get(key) ?? { view: makeView(tenant, axis), tenant, usedAtMs: 0 }
    entry.usedAtMs = clock.now()
    views.set(key, entry)
    return entry.view
  }

  function makeView(tenant: string, axis: Axis): View {
    const config = configs.get(tenant)
    if (config === undefined) throw new Error(`no tenant ${tenant}`)
    const { redis } = options
    const made = createView({
      ...options,
      memory: redis && createFrameMemory(redis, { tenant, axis }),
      tenant: config,
      axis,
      facts: factsOf(tenant),
      onUnreachable: marks.failed,
    })
    made.touch('all')
    return made
  }

  function factsOf(tenant: string): TenantFacts {
    const own = facts.get(tenant)
    if (own === undefined) throw new Error(`no tenant ${tenant}`)
    return own
  }

  async function beat(): Promise<void> {
    while (!ending.signal.aborted) {
      await clock.sleep(HEARTBEAT_INTERVAL_MS, ending.signal)
      for (const { view } of views.values()) view.heartbeat()
    }
  }

  const tails = { log, logger, signal: ending.signal }
  return {
    facts: factsOf,
    view,
    views: () => [...views.values()].map((entry) => entry.view),
    partitions: marks.partitions,
    renew() {
      marks.forget()
      for (const { view } of views.values()) void view.stop()
      views.clear()
    },
    async start() {
      marks.start()
      running ??= Promise.all([
        tailTopic({ ...tails, topic: 'committed-batches', last: 0, onRecords: marks.notice }),
        tailTopic({ ...tails, topic: 'source-health', last: HEALTH_RECORDS_AT_START, onRecords: takeHealth }),
        beat(),
      ])
      await clock.sleep(FIRST_LOOK_WAIT_MS, looked.signal)
    },
    async stop() {
      ending.abort()
      await Promise.all([marks.stop(), running, ...[...views.values()].map(({ view }) => view.stop())])
    },
  }

  function takeHealth(records: Parameters<typeof healths.take>[0]): void {
    const { tenants: touched, unreadable } = healths.take(records)
    if (unreadable > 0) metrics.unreadableRecords.inc({ topic: 'source-health' }, unreadable)
    for (const entry of views.values()) if (touched.has(entry.tenant)) entry.view.touch(undefined)
  }
}
