/** What batches have touched: local days by tenant, or too much to tell. */
import type { CommittedBatch } from '../../core/contracts/committed-batch.ts'

export type TouchedDays = 'all' | ReadonlySet<string>
export type Touched = 'all' | ReadonlyMap<string, ReadonlySet<string>>

export const NOTHING_TOUCHED: Touched = new Map()

export function touchedBy(batches: readonly CommittedBatch[]): Touched {
  const touched = new Map<string, Set<string>>()
  for (const batch of batches) {
    if (batch.everything) return 'all'
    for (const { tenant, days } of batch.touched) {
      const known = touched.get(tenant) ?? new Set()
      for (const day of days) known.add(day)
      touched.set(tenant, known)
    }
  }
  return touched
}

/** Undefined when nothing of the tenant was touched. */
export function touchedDays(touched: Touched, tenant: string): TouchedDays | undefined {
  return touched === 'all' ? 'all' : touched.get(tenant)
}

export function mergeDays(a: TouchedDays | undefined, b: TouchedDays | undefined): TouchedDays | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a === 'all' || b === 'all' ? 'all' : new Set([...a, ...b])
}
