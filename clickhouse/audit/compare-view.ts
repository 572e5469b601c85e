import { sumToE4 } from '../../core/contracts/money.ts'
import type { Warehouse } from '../warehouse.ts'
import { auditSettings } from './audit-settings.ts'
import { differencesSql, differsSql } from './difference-sql.ts'
import type { AuditedView } from './list-audited-views.ts'
import type { Scope } from './scope.ts'

export interface DriftedBucket {
  tenant: string
  /** All key columns, as text. */
  key: Record<string, string>
  /** View less base of the sums that differ, as decimal text. */
  differences: Record<string, string>
}

export interface TenantComparison {
  tenant: string
  buckets: number
  drifted: number
  /** Σ|view − base| over all summed columns and buckets, in 1/10,000; counts and units add up as plain numbers. */
  driftE4: bigint
}

export interface Comparison {
  view: AuditedView
  scope: Scope
  /** Tenants with at least one bucket in scope. */
  tenants: TenantComparison[]
  /** Of all tenants together. */
  buckets: number
  drifted: number
  /** At most MAX_LISTED_BUCKETS; there are more when `drifted` says so. */
  driftedBuckets: DriftedBucket[]
}

export const MAX_LISTED_BUCKETS = 100

export interface CompareOptions {
  scope?: Scope
  /** The server gives up after that. */
  maxSeconds?: number
}

/**
 * Compares a view with the base, bucket by bucket, in one query. While inserts run the two are read at slightly
 * different times, so that differences are suspicions only; behind a barrier they are drift.
 */
export async function compareView(
  warehouse: Warehouse,
  view: AuditedView,
  { scope = 'all', maxSeconds }: CompareOptions = {},
): Promise<Comparison> {
  const rows = await warehouse.query<TenantRow>(comparisonSql(view, scope), {
    settings: auditSettings(maxSeconds),
  })
  const tenants = rows.map((row) => ({
    tenant: row.tenant,
    buckets: Number(row.buckets),
    drifted: Number(row.drifted),
    driftE4: sumToE4(row.drift),
  }))
  return {
    view,
    scope,
    tenants,
    buckets: tenants.reduce((sum, { buckets }) => sum + buckets, 0),
    drifted: tenants.reduce((sum, { drifted }) => sum + drifted, 0),
    driftedBuckets: rows
      .flatMap(({ examples }) => examples.map((values) => bucketOf(view, values)))
      .slice(0, MAX_LISTED_BUCKETS),
  }
}

/** One line that names a bucket: "headline_v1 tenant=acme day=2011-12-09 … booked_revenue +0.01". */
export function describeBucket(view: string, { key, differences }: DriftedBucket): string {
  const keys = Object.entries(key).map(([name, value]) => `${name}=${value}`)
  const sums = Object.entries(differences).map(
    ([name, by]) => `${name} ${by.startsWith('-') ? by : `+${by}`}`,
  )
  return [view, ...keys, ...sums].join(' ')
}

interface TenantRow {
  tenant: string
  buckets: string
  drifted: string
  drift: string
  examples: string[][]
}

function comparisonSql(view: AuditedView, scope: Scope): string {
  const tenant = `k${view.keys.findIndex(({ name }) => name === 'tenant')}`
  const values = [
    ...view.keys.map((_, i) => `toString(k${i})`),
    ...view.sums.map((_, i) => `toString(s${i})`),
  ]
  const drift = view.sums.map((_, i) => `CAST(abs(s${i}), 'Decimal(38, 4)')`).join(' + ')
  return `SELECT ${tenant} AS tenant, count() AS buckets, countIf(differs) AS drifted, sum(drift) AS drift,
      groupArrayIf(${MAX_LISTED_BUCKETS})(values, differs) AS examples
    FROM (SELECT ${tenant}, ${differsSql(view)} AS differs, ${drift} AS drift, if(differs, [${values.join(', ')}], []) AS values
      FROM (${differencesSql(view, scope, 'view - base')}))
    GROUP BY tenant ORDER BY tenant`
}

function bucketOf({ keys, sums }: AuditedView, values: string[]): DriftedBucket {
  const key = Object.fromEntries(keys.map(({ name }, i) => [name, values[i]!]))
  const all = sums.map(({ name }, i) => [name, values[keys.length + i]!] as const)
  return { tenant: key.tenant!, key, differences: Object.fromEntries(all.filter(([, by]) => by !== '0')) }
}
