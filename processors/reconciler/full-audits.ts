import type { AuditManner } from '../../clickhouse/audit/audit-view.ts'
import { type AuditContext, waitForOthers } from '../../clickhouse/audit/barrier.ts'
import { readDaysBehind } from '../../clickhouse/audit/read-days-behind.ts'
import { type Mark, readMarks } from '../../clickhouse/audit/read-marks.ts'
import { readViewDays } from '../../clickhouse/audit/read-view-days.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { auditEverything, type FullAudit } from './audit-everything.ts'
import { scopeOfDays } from './audit-views.ts'
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

export interface FullAuditsOptions extends AuditContext {
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
    let since: Mark[] | undefined
    const pass = (plan: () => Promise<AuditUnit[]>, manner: AuditManner) =>
      auditEverything({
        ...options,
        plan,
        audit: (unit) => options.audit(unit, { mend, manner }),
        onLeft: (units, all) => {
          left = units
          total = all
        },
      })
    const begin = async () => {
      since ??= await readMarks(options.warehouse, options.database)
      await waitForOthers(options, 'the full audit')
      return plan(options, newestFirst)
    }
    const first = await pass(begin, 'eager')
    left = undefined
    const late = first.complete ? await pass(() => planLate(options, since!), 'certain') : NOTHING
    const result = { complete: late.complete, audits: [...first.audits, ...late.audits] }
    complete = result.complete
    if (complete) settleRight(result, options.metrics)
    const drifted = result.audits.reduce((sum, { drifted: buckets }) => sum + buckets, 0)
    options.logger.info('full audit', { complete, comparisons: result.audits.length, drifted })
    return result
  }
}

/** More are not worth naming one by one. */
const MAX_LATE_DAYS = 60

const NOTHING: FullAudit = { complete: false, audits: [] }

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

/**
 * The days of what was written meanwhile: on its way it is in the base before it is in a view, and where it cancels just
 * what the view lacks, the comparison of that moment found nothing (see the manner `certain`).
 */
async function planLate(options: FullAuditsOptions, since: Mark[]): Promise<AuditUnit[]> {
  const { warehouse, database, listViews } = options
  const days = new Set<string>()
  for (const { topic, partition, last } of since)
    for (const day of await readDaysBehind(warehouse, database, { topic, partition, offset: last }))
      days.add(day)
  if (days.size === 0) return []
  // A history that is loaded: comparisons stay as large as any.
  if (days.size > MAX_LATE_DAYS) return plan(options, true)
  return (await listViews()).map((view) => ({ view, scope: scopeOfDays(view, [...days]) }))
}
