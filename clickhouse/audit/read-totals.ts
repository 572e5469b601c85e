import type { Warehouse } from '../warehouse.ts'
import { auditSettings } from './audit-settings.ts'
import { type AuditedView, quoted, tableOf } from './list-audited-views.ts'

export interface ViewTotals {
  tenant: string
  /** Empty where the view has none. */
  currency: string
  /** By summed column, as decimal text: what the view holds and what the base says. */
  sums: Record<string, { view: string; base: string }>
}

/** All of a view by tenant and currency, beside the same from the base. For people: it is a read without a barrier. */
export async function readTotals(warehouse: Warehouse, view: AuditedView): Promise<ViewTotals[]> {
  const rows = await warehouse.query<TotalsRow>(totalsSql(view), { settings: auditSettings() })
  return rows.map(({ tenant, currency, view_sums, base_sums }) => ({
    tenant,
    currency,
    sums: Object.fromEntries(
      view.sums.map(({ name }, i) => [name, { view: view_sums[i]!, base: base_sums[i]! }]),
    ),
  }))
}

interface TotalsRow {
  tenant: string
  currency: string
  view_sums: string[]
  base_sums: string[]
}

function totalsSql(view: AuditedView): string {
  const currency = view.keys.some(({ name }) => name === 'currency') ? 'toString(side.currency)' : "''"
  const columns = view.sums.map(({ name }, i) => `side.${quoted(name)} AS d${i}`).join(', ')
  const sideOf = (from: string, isView: boolean) =>
    `SELECT toString(side.tenant) AS tenant, ${currency} AS currency, ${isView} AS is_view, ${columns} FROM ${from} AS side`
  const sums = (condition: string) =>
    view.sums.map((_, i) => `toString(sumIf(d${i}, ${condition}))`).join(', ')
  return `SELECT tenant, currency, [${sums('is_view')}] AS view_sums, [${sums('NOT is_view')}] AS base_sums
    FROM (${sideOf(tableOf(view), true)} UNION ALL ${sideOf(`(${view.select})`, false)})
    GROUP BY tenant, currency ORDER BY tenant, currency`
}
