import { Counter, Gauge, type Registry } from 'prom-client'
import type { ViewAudit } from '../../clickhouse/audit/audit-view.ts'

export interface DriftMetrics {
  observe(audit: ViewAudit, seconds: number): void
  fail(view: string): void
  /** All buckets of the view were compared, part by part, and none is apart any more. */
  settle(view: string): void
  /** A view whose drift is shown and was not mended: only a comparison of all its buckets can say that it is gone. */
  isUnsettled(view: string): boolean
}

export function driftMetrics(registry: Registry): DriftMetrics {
  const metrics = createMetrics(registry)
  const shown = new Map<string, Set<string>>()
  const unsettled = new Set<string>()
  return {
    isUnsettled: (view) => unsettled.has(view),
    settle: (view) => {
      unsettled.delete(view)
      for (const tenant of shown.get(view) ?? []) metrics.drift.set({ tenant, view }, 0)
    },
    fail: (view) => metrics.failures.inc({ view }),
    observe: (audit, seconds) => {
      const { view, drifted, mended } = audit
      metrics.audits.inc({ view })
      metrics.seconds.inc({ view }, seconds)
      metrics.drifted.inc({ view }, drifted)
      if (mended) metrics.mended.inc({ view }, drifted)
      const isWhole = audit.scope === 'all'
      // A part that is right says nothing about the parts that were found wrong before.
      if (unsettled.has(view) && !isWhole && (drifted === 0 || mended)) return
      show(audit)
      if (drifted > 0 && !mended) unsettled.add(view)
      else unsettled.delete(view)
    },
  }

  function show({ view, tenants, mended }: ViewAudit): void {
    const before = shown.get(view) ?? new Set()
    // A tenant that has no buckets in scope any more must not keep its old figure.
    const now = new Map([...before].map((tenant) => [tenant, 0n]))
    for (const { tenant, driftE4 } of tenants) now.set(tenant, mended ? 0n : driftE4)
    for (const [tenant, driftE4] of now) metrics.drift.set({ tenant, view }, minorUnits(driftE4))
    shown.set(view, new Set(now.keys()))
  }
}

/** 1/100 of a unit with its fraction: a difference of 0.0001 is shown as 0.01, never as 0. */
export const minorUnits = (driftE4: bigint) => Number(driftE4) / 100

function createMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['view']
  const counter = (name: string, help: string) =>
    new Counter({ name: `revwall_reconciliation_${name}`, help, labelNames, registers })
  return {
    drift: new Gauge({
      name: 'revwall_reconciliation_drift_minor_units',
      help: 'Sum of |view - base| over all buckets and summed columns as last compared, 1/100 of a currency unit (of a count or unit: 100 is one); fractions are kept. 0 once it was mended.',
      labelNames: ['tenant', 'view'],
      registers,
    }),
    audits: counter('audits_total', 'Comparisons of a view with order_changes'),
    failures: counter('failures_total', 'Comparisons and repairs that failed'),
    drifted: counter('drifted_buckets_total', 'Buckets that were found apart'),
    mended: counter('mended_buckets_total', 'Buckets that were mended'),
    seconds: counter('seconds_total', 'Time that comparisons and repairs took'),
  }
}
