import { readViewDays } from '../../clickhouse/audit/read-view-days.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { auditEverything, type FullAudit } from './audit-everything.ts'
import type { Auditor } from './create-auditor.ts'
import type { DriftMetrics } from './drift-metrics.ts'
import { type AuditUnit, cutDays, orderUnits } from './plan-scopes.ts'
import type { ViewLister } from './view-lister.ts'

export interface FullAuditOptions {
  mend: boolean
  /** Default true. */
  newestFirst?: boolean
}

export interface Progress {
  done: number
  total: number
}

export interface FullAudits {
  /** A second call while one runs gets the same result. */
  run(options: FullAuditOptions): Promise<FullAudit>
  isRunning(): boolean
  /** Of the last one. */
  wasComplete(): boolean
  /** Whether buckets of this view, or of any, are still to be looked at. Before a plan is made: of every one. */
  isLeft(view?: string): boolean
  progress(): Progress
  /** Resolves when none runs any more. */
  ended(): Promise<void>
}

export interface FullAuditsOptions {
  warehouse: Warehouse
  clock: Clock
  logger: Logger
  signal: AbortSignal
  retryMs: number
  metrics: DriftMetrics
  audit: Auditor
  listViews: ViewLister
}

export function fullAudits(options: FullAuditsOptions): FullAudits {
  let running: Promise<FullAudit> | undefined
  let left: AuditUnit[] | undefined = []
  let total = 0
  let complete = false
  return {
    run: (how) => {
      running ??= runOnce(how).finally(() => {
        running = undefined
      })
      return running
    },
    isRunning: () => running !== undefined,
    wasComplete: () => complete,
    isLeft: (view) =>
      left === undefined || left.some((unit) => view === undefined || unit.view.name === view),
    progress: () => ({ done: total - (left?.length ?? total), total }),
    ended: async () => {
      await running
    },
  }

  async function runOnce({ mend, newestFirst = true }: FullAuditOptions): Promise<FullAudit> {
    left = undefined
    complete = false
    const { audit, logger } = options
    const result = await auditEverything({
      ...options,
      plan: () => plan(options, newestFirst),
      audit: (unit) => audit(unit, { mend, manner: 'eager' }),
      onLeft: (units, all) => {
        left = units
        total = all
      },
    })
    complete = result.complete
    if (complete) settleRight(result, options.metrics)
    const drifted = result.audits.reduce((sum, { drifted: buckets }) => sum + buckets, 0)
    logger.info('full audit', { complete, comparisons: result.audits.length, drifted })
    return result
  }
}

function settleRight({ audits }: FullAudit, metrics: DriftMetrics): void {
  const apart = new Set(
    audits.filter(({ drifted, mended }) => drifted > 0 && !mended).map(({ view }) => view),
  )
  for (const view of new Set(audits.map((audit) => audit.view))) if (!apart.has(view)) metrics.settle(view)
}

async function plan({ warehouse, listViews }: FullAuditsOptions, newestFirst: boolean): Promise<AuditUnit[]> {
  const cuts: Parameters<typeof orderUnits>[0] = []
  for (const view of await listViews())
    cuts.push({ view, scopes: cutDays(await readViewDays(warehouse, view)) })
  return orderUnits(cuts, newestFirst)
}
