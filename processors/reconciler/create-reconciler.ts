import type { Registry } from 'prom-client'
import type { ViewAudit } from '../../clickhouse/audit/audit-view.ts'
import type { AuditContext } from '../../clickhouse/audit/barrier.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { FullAudit } from './audit-everything.ts'
import { auditBackground, auditBucketsOf } from './audit-views.ts'
import { collectDays } from './collect-days.ts'
import { createAuditor } from './create-auditor.ts'
import { type DriftMetrics, driftMetrics } from './drift-metrics.ts'
import { type FullAuditOptions, fullAudits, type Progress } from './full-audits.ts'
import { runRounds } from './run-rounds.ts'
import { settleDays } from './settle-days.ts'
import { viewLister } from './view-lister.ts'
import { watchLives } from './watch-lives.ts'

export interface ReconcilerOptions extends AuditContext {
  logger: Logger
  registry: Registry
  /** Of one server among several: what its views are called beside those of the others. */
  shard?: ShardNaming
  /** From the end of a background round to the next; a long round rests for longer. Default 10 s. */
  intervalMs?: number
  /** How long a barrier may last at the most; a large base needs more than the default of 30 s. */
  barrierMs?: number
}

export interface ShardNaming {
  metrics: DriftMetrics
  nameOf: (view: string) => string
}

export interface Reconciler {
  /**
   * Records the server's life, begins a full audit if one before did not end cleanly, and begins the background. Await
   * it before the first batch is written. It does not fail when ClickHouse is down.
   */
  start(): Promise<void>
  /** Resolves when nothing runs any more; a full audit is then cut short. */
  stop(): Promise<void>
  /** Every bucket of every view. A second call while one runs gets the same result. Waits while ClickHouse is down. */
  auditAll(options: FullAuditOptions): Promise<FullAudit>
  /** The buckets of these local days (YYYY-MM-DD) in all views, at once, with repair. Rejects when it cannot. */
  auditDays(days: string[]): Promise<ViewAudit[]>
  /**
   * The same for days of an insert that was not acknowledged and has landed all the same: tried until it has worked.
   * `verifying` is true meanwhile.
   */
  settle(days: readonly string[]): void
  /** Days were given to `settle` and are not audited: behind `stop` this life of the server is not whole. */
  isUnsettled(): boolean
  /**
   * True while buckets of any view (or of this one) may be wrong, since a life of the server that did not end cleanly or
   * since an insert that was not acknowledged.
   */
  verifying(view?: string): boolean
  /** What each background round does first: call it when the server came back, and the full audit begins at once. */
  checkServer(): Promise<void>
  /** Comparisons of the full audit that runs, or ran last. */
  progress(): Progress
}

/** Compares views with the base, all the time and on request, and mends them. See README.md. */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { warehouse, database, clock, logger, intervalMs = 10_000 } = options
  const stopping = new AbortController()
  const { signal } = stopping
  const metrics = options.shard?.metrics ?? driftMetrics(options.registry)
  const audit = createAuditor({ ...options, metrics, nameOf: options.shard?.nameOf })
  const listViews = viewLister(warehouse, database, logger)
  const views = { ...options, metrics, audit, listViews }
  const full = fullAudits({ ...views, signal, retryMs: intervalMs })
  const lives = watchLives(warehouse, database, full, logger)
  const auditDays = collectDays((days) => auditBucketsOf(views, days, signal))
  const settling = settleDays({
    audit: auditDays,
    clock,
    logger,
    signal,
    retryMs: Math.min(intervalMs, 1_000),
  })
  let rounds: Promise<void> | undefined
  let requested: Promise<unknown> = Promise.resolve()

  return {
    start: async () => {
      await lives.look().catch(unlessExpected)
      rounds = runRounds({ round, intervalMs, clock, logger, signal })
    },
    stop: async () => {
      stopping.abort()
      await Promise.all([rounds, requested, settling.ended(), full.ended()])
      await lives.ended()
    },
    auditAll: full.run,
    auditDays: (days) => {
      const result = auditDays(days)
      requested = result.catch(() => {})
      return result
    },
    settle: settling.settle,
    isUnsettled: settling.isLeft,
    verifying: (view) =>
      settling.isLeft() || (full.isRunning() ? full.isLeft(view) : !lives.isSettled() && !full.wasComplete()),
    checkServer: lives.look,
    progress: full.progress,
  }

  async function round(): Promise<void> {
    await lives.look()
    await auditBackground(views, signal)
  }
}

// The first round looks again, and logs what is wrong.
function unlessExpected(error: unknown): void {
  if (!(error instanceof RevwallError)) throw error
}
