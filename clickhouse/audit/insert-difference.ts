import { errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import { auditSettings } from './audit-settings.ts'
import type { AuditContext, Barrier } from './barrier.ts'
import { differencesSql, differsSql } from './difference-sql.ts'
import { type AuditedView, quoted, tableOf } from './list-audited-views.ts'
import { waitForInserts } from './running-inserts.ts'
import type { Scope } from './scope.ts'

export interface DifferenceOptions extends AuditContext {
  view: AuditedView
  scope: Scope
  barrier: Barrier
  maxSeconds: number
}

export type InsertOutcome = { certain: true } | { certain: false; cause: unknown }

/**
 * Adds to each bucket what the base says is missing, computed by the server from what it holds at that moment: run
 * again, it finds nothing to add. Two of them at once would both add it, hence
 *
 * - the query id is the same for all owners, and ClickHouse refuses a second running query of the same id;
 * - the guard is read while that id is held, so one that arrives late, after its barrier, is refused.
 *
 * An answer that is lost or an error says nothing about what landed: the outcome is uncertain, no query of that id runs
 * any more, and the caller compares. Throws BARRIER_LOST.
 */
export async function insertDifference(options: DifferenceOptions): Promise<InsertOutcome> {
  const { warehouse, run, view, barrier, maxSeconds } = options
  const queryId = `${run}:mend:${view.name}`
  try {
    await warehouse.command(mendSql(options), {
      queryId,
      params: { barrier: barrier.id },
      settings: { ...auditSettings(maxSeconds), ...INSERT_SETTINGS },
    })
    return { certain: true }
  } catch (cause) {
    await waitUntilEnded(options, queryId)
    if (errorMessage(cause).includes('barrier lost'))
      throw new RevwallError('BARRIER_LOST', `The barrier ended before ${view.name} was mended.`, { cause })
    return { certain: false, cause }
  }
}

const INSERT_SETTINGS = {
  async_insert: 0,
  insert_deduplicate: 0,
  max_insert_threads: 1,
  max_partitions_per_insert_block: 0,
} as const

// The barrier has to outlast the reading of both sides, which is bounded by the query's own limit.
function mendSql({ view, scope, barrier, maxSeconds }: DifferenceOptions): string {
  const columns = [...view.keys, ...view.sums].map(({ name }) => quoted(name)).join(', ')
  const guard = barrier.guardSql((maxSeconds + 1) * 1_000)
  return `INSERT INTO ${tableOf(view)} (${columns})
    SELECT * FROM (${differencesSql(view, scope, 'base - view')}) WHERE ${differsSql(view)} AND ${guard}`
}

async function waitUntilEnded({ warehouse, clock, view, maxSeconds }: DifferenceOptions, queryId: string) {
  const timeoutMs = (maxSeconds + 1) * 1_000
  const running = await waitForInserts({ warehouse, clock, idPrefix: queryId, timeoutMs })
  if (running.length > 0) throw new RevwallError('MEND_UNCERTAIN', `The repair of ${view.name} does not end.`)
}
