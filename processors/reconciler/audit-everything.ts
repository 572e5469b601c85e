import type { ViewAudit } from '../../clickhouse/audit/audit-view.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { AuditUnit } from './plan-scopes.ts'

export interface FullAudit {
  /** False: it was stopped before. */
  complete: boolean
  audits: ViewAudit[]
}

export interface EverythingOptions {
  plan: () => Promise<AuditUnit[]>
  audit: (unit: AuditUnit) => Promise<ViewAudit>
  /** Called with what is left, at first and after each unit. */
  onLeft: (left: AuditUnit[], total: number) => void
  clock: Clock
  logger: Logger
  signal: AbortSignal
  retryMs: number
}

/**
 * Audits all units until each of them was done. What fails (ClickHouse is down, another barrier) comes again when the
 * others were tried; it is logged once for each kind of failure.
 */
export async function auditEverything(options: EverythingOptions): Promise<FullAudit> {
  const { audit, onLeft, clock, signal, retryMs } = options
  const attempt = attempts(options.logger)
  const audits: ViewAudit[] = []
  let left: AuditUnit[] | undefined
  let total = 0
  while (!signal.aborted) {
    left ??= await attempt(options.plan)
    if (left !== undefined) {
      total = Math.max(total, left.length)
      onLeft(left, total)
    }
    for (const unit of left ?? []) {
      if (signal.aborted) break
      const done = await attempt(() => audit(unit))
      if (done === undefined) continue
      audits.push(done)
      left = left!.filter((other) => other !== unit)
      onLeft(left, total)
    }
    if (left?.length === 0) return { complete: true, audits }
    await clock.sleep(retryMs, signal)
  }
  return { complete: false, audits }
}

function attempts(logger: Logger) {
  const logged = new Set<string>()
  return async <T>(task: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await task()
    } catch (error) {
      if (!(error instanceof RevwallError)) throw error
      const code = errorCode(error)!
      if (!logged.has(code)) logger.warn('the full audit waits and tries again', { code, error })
      logged.add(code)
      return undefined
    }
  }
}
