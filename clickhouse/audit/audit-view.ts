import { type AuditContext, waitForOthers } from './barrier.ts'
import { type Comparison, compareView, type DriftedBucket, MAX_LISTED_BUCKETS } from './compare-view.ts'
import type { AuditedView } from './list-audited-views.ts'
import { mendView } from './mend-view.ts'
import { rangesOfDays, type Scope } from './scope.ts'

/**
 * patient: looks twice more before it troubles the pipeline with a barrier; for the background. eager: any difference is
 * settled behind a barrier at once; for audits that somebody waits for. certain: eager, and once more when the inserts
 * have ended that were under way; where something is known to be missing, or nobody will look again.
 */
export type AuditManner = 'patient' | 'eager' | 'certain'

export interface AuditViewOptions extends AuditContext {
  view: AuditedView
  scope?: Scope
  mend: boolean
  manner: AuditManner
  barrierMs?: number
}

export interface TenantAudit {
  tenant: string
  buckets: number
  drifted: number
  driftE4: bigint
}

export interface ViewAudit {
  view: string
  scope: Scope
  /** Confirmed drift, as it was found; 0 where differences were only an insert under way. */
  tenants: TenantAudit[]
  drifted: number
  /** At most MAX_LISTED_BUCKETS. */
  driftedBuckets: DriftedBucket[]
  /** True: it was found and is gone. */
  mended: boolean
}

const MAX_LOOKS = 3
const LOOK_AGAIN_MS = 250

/** Compares a view with the base; confirms what differs behind a barrier, and mends it there. Throws as mendView does. */
export async function auditView(options: AuditViewOptions): Promise<ViewAudit> {
  const first = await auditOnce(options)
  if (options.manner !== 'certain' || (first.drifted > 0 && !options.mend)) return first
  // A sale that a view lacks, and its cancellation that this view does not have yet but the base: they are nothing
  // together. What was under way then is no more, and no order is cancelled twice.
  await waitForOthers(options, `audit: ${options.view.name}`)
  return joined(first, await auditOnce(options))
}

async function auditOnce(options: AuditViewOptions): Promise<ViewAudit> {
  const { view, scope = 'all' } = options
  const { looked, suspected } = await look(options, scope)
  if (!suspected) return { ...resultOf(view, scope, looked), mended: false }
  const { before, mended } = await mendView({ ...options, scope: suspectedScope(view, scope, looked) })
  return { ...resultOf(view, scope, looked, before), mended }
}

/** Of two audits of the same scope, one after the other. */
function joined(first: ViewAudit, second: ViewAudit): ViewAudit {
  if (first.drifted === 0 || second.drifted === 0) return first.drifted === 0 ? second : first
  const before = new Map(first.tenants.map((tenant) => [tenant.tenant, tenant]))
  const tenants = second.tenants.map((tenant) => {
    const { drifted = 0, driftE4 = 0n } = before.get(tenant.tenant) ?? {}
    return { ...tenant, drifted: tenant.drifted + drifted, driftE4: tenant.driftE4 + driftE4 }
  })
  return {
    ...second,
    tenants,
    drifted: first.drifted + second.drifted,
    driftedBuckets: [...first.driftedBuckets, ...second.driftedBuckets].slice(0, MAX_LISTED_BUCKETS),
    mended: first.mended && second.mended,
  }
}

async function look(
  options: AuditViewOptions,
  scope: Scope,
): Promise<{ looked: Comparison; suspected: boolean }> {
  const { warehouse, view, manner, clock } = options
  let looked = await compareView(warehouse, view, { scope })
  if (looked.drifted === 0) return { looked, suspected: false }
  if (manner !== 'patient') return { looked, suspected: true }
  for (let looks = 1; looks < MAX_LOOKS; looks++) {
    await clock.sleep(LOOK_AGAIN_MS)
    const again = await compareView(warehouse, view, { scope })
    if (again.drifted === 0) return { looked: again, suspected: false }
    if (isSteady(looked, again)) return { looked: again, suspected: true }
    looked = again
  }
  return { looked, suspected: false }
}

// Drift stays as it is; what an insert under way leaves apart is gone, or another, a moment later.
function isSteady(before: Comparison, after: Comparison): boolean {
  if (isCut(before) && isCut(after)) return true
  const seen = new Set(before.driftedBuckets.map(identity))
  return after.driftedBuckets.some((bucket) => seen.has(identity(bucket)))
}

const identity = ({ key, differences }: DriftedBucket) => JSON.stringify([key, differences])
const isCut = ({ drifted, driftedBuckets }: Comparison) => drifted > driftedBuckets.length

/** The days of the known buckets, so that the barrier is short. */
function suspectedScope(view: AuditedView, scope: Scope, looked: Comparison): Scope {
  const { time } = view
  if (time === undefined || isCut(looked)) return scope
  return rangesOfDays(
    looked.driftedBuckets.map(({ key }) => key[time.key]!.slice(0, 'YYYY-MM-DD'.length)),
    0,
  )
}

function resultOf(view: AuditedView, scope: Scope, looked: Comparison, confirmed?: Comparison) {
  const found = new Map(confirmed?.tenants.map((tenant) => [tenant.tenant, tenant]))
  const tenants = looked.tenants.map(({ tenant, buckets }) => {
    const { drifted = 0, driftE4 = 0n } = found.get(tenant) ?? {}
    return { tenant, buckets, drifted, driftE4 }
  })
  const { drifted = 0, driftedBuckets = [] } = confirmed ?? {}
  return { view: view.name, scope, tenants, drifted, driftedBuckets }
}
