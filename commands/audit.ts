/** `revwall audit`: every view against the base table. */
import { auditView, type ViewAudit } from '../clickhouse/audit/audit-view.ts'
import { describeBucket } from '../clickhouse/audit/compare-view.ts'
import { listAuditedViews } from '../clickhouse/audit/list-audited-views.ts'
import { readTotals } from '../clickhouse/audit/read-totals.ts'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { fromE4, sumToE4 } from '../core/contracts/money.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command } from './command.ts'
import { CONTROL_DATABASE, openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'

export const audit: Command = {
  help: `Usage: revwall audit [--mend] [--json]

Compares each bucket of each view with what order_changes says. What differs is confirmed behind a barrier, at a mark
that stands still. Exits with 0 if nothing drifts (or all of it was mended), else with 2; a view that
cannot be compared counts as drifting.

  --mend   insert the differences, behind a barrier
  --json   one JSON object: {driftE4, views: [{view, buckets, drifted, driftE4, mended, examples}], totals}`,
  run: async ({ config, logger, args, print }) => {
    const options = parseOptions(args, { mend: { type: 'boolean' }, json: { type: 'boolean' } })
    const open = await openWarehouse(config, logger, 'program')
    try {
      const report = await auditAll(open.warehouse, options.mend === true)
      if (options.json) print(JSON.stringify(report))
      else for (const line of auditLines(report)) print(line)
      return isExact(report) ? 0 : 2
    } finally {
      await open.close()
    }
  },
}

export interface AuditReport {
  /** Σ|view − base|, 1/10,000 units. */
  driftE4: string
  views: {
    view: string
    buckets: number
    drifted: number
    driftE4: string
    mended: boolean
    examples: string[]
  }[]
  /** Views that are not signed sums of all time, and why they are left out. */
  skipped: { view: string; reason: string }[]
  /** Views that could not be compared, and why. */
  notAudited: { view: string; why: string }[]
  /** Headline by tenant and currency: what the view holds, decimal text. */
  totals: { tenant: string; currency: string; revenue: string; orders: string; base: string }[]
}

export function isExact({ views, notAudited }: AuditReport): boolean {
  return notAudited.length === 0 && views.every((view) => view.drifted === 0 || view.mended)
}

/** Of several servers each compares its own; views of those behind the first are told apart as `headline_v1@1`. */
export async function auditAll(warehouse: Warehouse, mend: boolean): Promise<AuditReport> {
  const reports: AuditReport[] = []
  for (const server of shardsOf(warehouse)) reports.push(await auditServer(server, mend, warehouse))
  return reports.length === 1 ? reports[0]! : joined(reports)
}

function joined(reports: readonly AuditReport[]): AuditReport {
  const named = <Row extends { view: string }>(rows: (report: AuditReport) => Row[]) =>
    reports.flatMap((report, server) =>
      rows(report).map((row) => (server === 0 ? row : { ...row, view: `${row.view}@${server}` })),
    )
  return {
    driftE4: String(reports.reduce((sum, { driftE4 }) => sum + BigInt(driftE4), 0n)),
    views: named(({ views }) => views),
    skipped: named(({ skipped }) => skipped),
    notAudited: named(({ notAudited }) => notAudited),
    totals: joinedTotals(reports.flatMap(({ totals }) => totals)),
  }
}

function joinedTotals(totals: AuditReport['totals']): AuditReport['totals'] {
  const sums = new Map<string, AuditReport['totals'][number]>()
  const add = (a: string, b: string) => (a === '—' || b === '—' ? '—' : fromE4(sumToE4(a) + sumToE4(b)))
  for (const row of totals) {
    const key = `${row.tenant} ${row.currency}`
    const { revenue = '0', orders = '0', base = '0' } = sums.get(key) ?? {}
    sums.set(key, {
      ...row,
      revenue: add(revenue, row.revenue),
      orders: row.orders === '—' || orders === '—' ? '—' : String(BigInt(orders) + BigInt(row.orders)),
      base: add(base, row.base),
    })
  }
  return [...sums.values()]
}

async function auditServer(warehouse: Warehouse, mend: boolean, first: Warehouse): Promise<AuditReport> {
  const { shown } = await readRuns(first, CONTROL_DATABASE)
  const { views, skipped } = await listAuditedViews(warehouse, shown.database)
  const results: ViewAudit[] = []
  const notAudited: AuditReport['notAudited'] = []
  const context = { warehouse, ...shown, clock: systemClock, random: Math.random }
  for (const view of views) {
    try {
      results.push(await auditView({ ...context, view, mend, manner: 'eager' }))
    } catch (error) {
      // A view that throws must not hide what is known of the others. Without a server nothing is known.
      if (!(error instanceof RevwallError) || error.code === 'CLICKHOUSE_UNREACHABLE') throw error
      notAudited.push({ view: view.name, why: error.message })
    }
  }
  const headline = views.find(({ name }) => name.startsWith('headline'))
  const totals = headline === undefined ? [] : await readTotals(warehouse, headline)
  return {
    driftE4: String(results.reduce((sum, result) => sum + driftOf(result), 0n)),
    skipped,
    notAudited,
    views: results.map((result) => ({
      view: result.view,
      buckets: result.tenants.reduce((sum, tenant) => sum + tenant.buckets, 0),
      drifted: result.drifted,
      driftE4: String(driftOf(result)),
      mended: result.mended,
      examples: result.driftedBuckets.slice(0, 5).map((bucket) => describeBucket(result.view, bucket)),
    })),
    totals: totals.map(({ tenant, currency, sums }) => ({
      tenant,
      currency,
      revenue: sums.booked_revenue?.view ?? '—',
      orders: sums.booked_orders?.view ?? '—',
      base: sums.booked_revenue?.base ?? '—',
    })),
  }
}

function driftOf(result: ViewAudit): bigint {
  return result.tenants.reduce((sum, tenant) => sum + tenant.driftE4, 0n)
}

/** For people. */
export function auditLines({ driftE4, views, skipped, notAudited, totals }: AuditReport): string[] {
  const lines = views.map(({ view, buckets, drifted, driftE4: drift, mended, examples }) => {
    const state =
      drifted === 0
        ? 'exact'
        : `${drifted} buckets drift by ${fromE4(BigInt(drift))}${mended ? ', mended' : ''}`
    return [
      `${view.padEnd(18)} ${String(buckets).padStart(9)} buckets  ${state}`,
      ...examples.map((e) => `  ${e}`),
    ].join('\n')
  })
  const money = totals.map(
    (t) =>
      `${t.tenant} ${t.currency}: revenue ${t.revenue} in the view, ${t.base} in the base table, ${t.orders} orders`,
  )
  const left = skipped.map(({ view, reason }) => `${view.padEnd(18)} is left out: ${reason}`)
  const blind = notAudited.map(({ view, why }) => `${view.padEnd(18)} cannot be audited: ${why}`)
  return [...lines, ...left, ...blind, ...money, `drift ${fromE4(BigInt(driftE4))}`]
}
