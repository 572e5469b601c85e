import type { ViewAudit } from '../../clickhouse/audit/audit-view.ts'
import { describeBucket } from '../../clickhouse/audit/compare-view.ts'
import { describeScope } from '../../clickhouse/audit/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { fromE4 } from '../../core/contracts/money.ts'

/** Writes a row into `reconciliations` for each tenant of an audit, by the server's clock. */
export async function recordAudit(
  warehouse: Warehouse,
  database: string,
  audit: ViewAudit,
  view = audit.view,
): Promise<void> {
  if (audit.tenants.length === 0) return
  await warehouse.command(
    `INSERT INTO ${database}.reconciliations (tenant, at, view, scope, buckets, drifted, drift, mended, example)
     SELECT row.1, now64(3), {view:String}, {scope:String}, row.2, row.3, toDecimal128(row.4, 4), row.5, row.6
     FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {buckets:Array(UInt64)}, {drifted:Array(UInt64)},
       {drift:Array(String)}, {mended:Array(UInt8)}, {examples:Array(String)})) AS row)`,
    {
      params: { view, scope: describeScope(audit.scope), ...columnsOf(audit) },
      settings: { async_insert: 0 },
    },
  )
}

function columnsOf({ view, tenants, driftedBuckets, mended }: ViewAudit) {
  const exampleOf = (tenant: string) => {
    const bucket = driftedBuckets.find((candidate) => candidate.tenant === tenant)
    return bucket === undefined ? '' : describeBucket(view, bucket)
  }
  return {
    tenants: tenants.map(({ tenant }) => tenant),
    buckets: tenants.map(({ buckets }) => buckets),
    drifted: tenants.map(({ drifted }) => drifted),
    drift: tenants.map(({ driftE4 }) => fromE4(driftE4)),
    mended: tenants.map(({ drifted }) => Number(mended && drifted > 0)),
    examples: tenants.map(({ tenant }) => exampleOf(tenant)),
  }
}
