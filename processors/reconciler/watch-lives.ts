import { readMarks } from '../../clickhouse/audit/read-marks.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { FullAudits } from './full-audits.ts'
import { isSameLife, readServerStart, recordAudited, recordStarted, unvouchedLives } from './server-lives.ts'

export interface LifeWatch {
  /** Records a new life of the server before anything else is done in it, and begins a full audit if one is needed. */
  look(): Promise<void>
  /** True when no life before the present one is left to be audited. */
  isSettled(): boolean
  ended(): Promise<void>
}

/** Looked at again and again: the server may crash and come back while this process lives on. */
export function watchLives(
  warehouse: Warehouse,
  database: string,
  full: FullAudits,
  logger: Logger,
): LifeWatch {
  let settled: number | undefined
  let auditing: Promise<void> | undefined
  let looking: Promise<void> | undefined
  return {
    isSettled: () => settled !== undefined,
    ended: async () => {
      await auditing
    },
    // One look at a time: two that see the same crash would begin two audits.
    look: () => {
      looking ??= lookOnce().finally(() => {
        looking = undefined
      })
      return looking
    },
  }

  async function lookOnce(): Promise<void> {
    const serverStart = await readServerStart(warehouse)
    if (settled !== undefined && isSameLife(settled, serverStart)) return
    settled = undefined
    await recordStarted(warehouse, database, serverStart)
    // One that runs already began before the newest crash, perhaps: the next look sees whether another is needed.
    if (auditing !== undefined || full.isRunning()) return
    const lives = await livesToAudit(serverStart)
    if (lives.length === 0) settled = serverStart
    else auditing = auditFor(lives, serverStart)
  }

  async function livesToAudit(currentServerStart: number): Promise<number[]> {
    const marks = await readMarks(warehouse, database)
    const lastMarkServerStarts = marks.map((mark) => mark.serverStart)
    return unvouchedLives(warehouse, database, { currentServerStart, lastMarkServerStarts })
  }

  async function auditFor(lives: number[], serverStart: number): Promise<void> {
    logger.info('ClickHouse did not stop cleanly: all views are audited', { lives })
    try {
      const { complete } = await full.run({ mend: true })
      if (complete) await recordAudited(warehouse, database, lives)
      if (complete && isSameLife(serverStart, await readServerStart(warehouse))) settled = serverStart
    } catch (error) {
      // Not vouched for means that the next look audits again.
      if (!(error instanceof RevwallError)) throw error
      logger.warn('the full audit could not be recorded', { error })
    } finally {
      auditing = undefined
    }
  }
}
