import { RevwallError } from '../../core/runtime/errors.ts'
import {
  type AuditContext,
  BARRIER_EXPIRES_MS,
  BARRIER_QUIET_MS,
  type Barrier,
  withBarrier,
} from './barrier.ts'
import { type Comparison, compareView } from './compare-view.ts'
import { insertDifference } from './insert-difference.ts'
import type { AuditedView } from './list-audited-views.ts'
import { type Mark, marksKey, readMarks } from './read-marks.ts'
import type { Scope } from './scope.ts'

export interface MendOptions extends AuditContext {
  view: AuditedView
  scope: Scope
  /** False: only says what is really apart. */
  mend: boolean
  /** All steps share this time; a larger base needs a longer one. */
  barrierMs?: number
}

export interface MendResult {
  /** Exact: what was apart, bucket by bucket, with nothing being written. */
  before: Comparison
  /** What is apart now; the same as `before` when nothing was mended. */
  after: Comparison
  mended: boolean
  marks: Mark[]
}

const MAX_MEND_ATTEMPTS = 2

/**
 * Compares a view exactly and mends it, behind a barrier.
 *
 * Throws BARRIER_BUSY (try later), BARRIER_LOST (it took too long; what landed is right, the rest is still apart),
 * MEND_FAILED (it is still apart after the repair), MEND_UNCERTAIN, and ClickHouse's errors.
 */
export function mendView(options: MendOptions): Promise<MendResult> {
  const { view, mend, barrierMs = BARRIER_EXPIRES_MS } = options
  const owner = `audit: ${mend ? 'mend' : 'confirm'} ${view.name}`
  return withBarrier({ ...options, owner, expiresAfterMs: barrierMs }, (barrier) =>
    mendBehind(barrier, options, stepSeconds(barrierMs)),
  )
}

// 1. Compare. 2. Insert the difference. 3. Compare again. Four shares: one of them is spare.
const stepSeconds = (barrierMs: number) => Math.max(1, Math.floor((barrierMs - BARRIER_QUIET_MS) / 4_000))

async function mendBehind(barrier: Barrier, options: MendOptions, maxSeconds: number): Promise<MendResult> {
  const { warehouse, database, view, scope, mend } = options
  const marks = await readMarks(warehouse, database)
  const compare = async () => {
    const comparison = await compareView(warehouse, view, { scope, maxSeconds })
    await requireStill(barrier, options, marks)
    return comparison
  }
  const before = await compare()
  if (before.drifted === 0 || !mend) return { before, after: before, mended: false, marks }
  for (let attempt = 1; ; attempt++) {
    const outcome = await insertDifference({ ...options, barrier, maxSeconds })
    const after = await compare()
    if (after.drifted === 0) return { before, after, mended: true, marks }
    if (outcome.certain || attempt === MAX_MEND_ATTEMPTS)
      throw new RevwallError(
        'MEND_FAILED',
        `${view.name} still differs in ${after.drifted} buckets after its repair.`,
        {
          cause: outcome.certain ? undefined : outcome.cause,
        },
      )
  }
}

// A comparison is exact only if nothing was written from its beginning to its end.
async function requireStill(
  barrier: Barrier,
  { warehouse, database }: MendOptions,
  marks: Mark[],
): Promise<void> {
  const now = await readMarks(warehouse, database)
  await barrier.requireHeld()
  if (marksKey(now) !== marksKey(marks))
    throw new RevwallError('BARRIER_IGNORED', 'A batch was written although a barrier was open.')
}
