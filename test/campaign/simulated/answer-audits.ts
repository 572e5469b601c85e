/** What the reconciler asks of the simulated server: which views there are, their days, and how they compare with the base. */
import { fromE4 } from '../../../core/contracts/money.ts'
import { Ledger, type LedgerKey } from '../../oracle/ledger.ts'
import { SIGNED_VIEWS, type SignedView } from './signed-views.ts'
import type { StoredTables } from './stored-tables.ts'

const TYPES: Record<keyof LedgerKey, string> = {
  tenant: 'String',
  source: 'String',
  currency: 'String',
  axis: 'String',
  day: 'Date',
  status: 'String',
}

export function listViews(): object[] {
  return SIGNED_VIEWS.map(({ name, keys }) => ({
    name: `${name}_mv`,
    select: `THE SELECT OF ${name} FROM order_changes`,
    target: name,
    engine: 'SummingMergeTree',
    has_ttl: 0,
    columns: [
      ...keys.map((key) => [key, TYPES[key], 1]),
      ['revenue', 'Decimal(38, 4)', 0],
      ['orders', 'Int64', 0],
    ],
  }))
}

export function viewNamed(name: string): SignedView {
  const view = SIGNED_VIEWS.find((candidate) => candidate.name === name)
  if (view === undefined) throw new Error(`there is no view ${name}`)
  return view
}

export function daysOfView(view: Ledger): { day: string; rows: string }[] {
  const days = new Map<string, number>()
  for (const [{ day }] of view.entries()) days.set(day, (days.get(day) ?? 0) + 1)
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, rows]) => ({ day, rows: String(rows) }))
}

/** Of each tenant's newest two days. */
export function recentDaysOfView(view: Ledger): object[] {
  const byTenant = new Map<string, Set<string>>()
  for (const [{ tenant, day }] of view.entries()) {
    const days = byTenant.get(tenant) ?? new Set()
    byTenant.set(tenant, days.add(day))
  }
  return [...byTenant.values()].map((days) => {
    const newest = [...days].sort().slice(-2)
    return { from: newest[0]!, to: newest.at(-1)! }
  })
}

/** By tenant: how many buckets, how many of them are apart, and which. */
export function answerComparison(found: readonly string[], tables: StoredTables): object[] {
  const view = viewNamed(found[1]!)
  const byTenant = new Map<string, ReturnType<StoredTables['difference']>>()
  for (const bucket of tables.difference(view, scopeOf(found[2]!))) {
    const { tenant } = bucket.key
    byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), bucket])
  }
  return [...byTenant].map(([tenant, buckets]) => {
    const apart = buckets.filter(({ amountE4, orders }) => amountE4 !== 0n || orders !== 0)
    const drift = apart.reduce((sum, { amountE4, orders }) => sum + sizeE4(amountE4, orders), 0n)
    return {
      tenant,
      buckets: String(buckets.length),
      drifted: String(apart.length),
      drift: fromE4(drift),
      examples: apart.map(({ key, amountE4, orders }) => [
        ...view.keys.map((field) => key[field]),
        fromE4(amountE4),
        String(orders),
      ]),
    }
  })
}

/** What a repair adds: base less view, of the buckets in its scope. */
export function repairOf(view: SignedView, scope: string, tables: StoredTables): Ledger {
  const repair = new Ledger()
  for (const { key, amountE4, orders } of tables.difference(view, scopeOf(scope)))
    repair.add(key, { amountE4: -amountE4, orders: -orders })
  return repair
}

const ABSOLUTE_ORDERS_E4 = 10_000n

function sizeE4(amountE4: bigint, orders: number): bigint {
  const amount = amountE4 < 0n ? -amountE4 : amountE4
  return amount + BigInt(Math.abs(orders)) * ABSOLUTE_ORDERS_E4
}

/** A range without ends is one of them, or alone. */
const EVERYTHING = /^\(?1\)?$|^\(1 OR | OR 1( OR |\)$)/
const ENDS = /toDate\(side\.`day`\) (>=|<=) toDate\('([\d-]{10})'\)/g

/** clickhouse/audit/scope.ts: ranges joined by OR, each with one end or two. */
function scopeOf(condition: string): (day: string) => boolean {
  if (EVERYTHING.test(condition)) return () => true
  if (condition === '0') return () => false
  const ranges = condition.split(' OR ').map((range) => [...range.matchAll(ENDS)])
  if (ranges.some((ends) => ends.length === 0)) throw new Error(`the scope is not understood: ${condition}`)
  return (day) =>
    ranges.some((ends) => ends.every(([, side, end]) => (side === '>=' ? day >= end! : day <= end!)))
}
