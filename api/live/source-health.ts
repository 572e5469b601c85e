import { type SourceHealth, sourceHealth } from '../../core/contracts/facts.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { parseRecord } from '../../core/log/parse-record.ts'

/** Where the tail of the health topic begins: enough for the last word of some hundred sources. */
export const HEALTH_RECORDS_AT_START = 2_000

/** The last that each source said of itself, by tenant. */
export interface HealthBook {
  /** Takes what came; returns the tenants it speaks of, and how many records could not be read. */
  take(records: readonly LogRecord[]): { tenants: Set<string>; unreadable: number }
  of(tenant: string): SourceHealth[]
}

/** Only the configured tenants are kept, so that foreign records cannot fill the memory. */
export function createHealthBook(tenants: readonly string[]): HealthBook {
  const books = new Map(tenants.map((tenant) => [tenant, new Map<string, SourceHealth>()]))
  return {
    take(records) {
      const touched = new Set<string>()
      let unreadable = 0
      for (const record of records) {
        const health = parseRecord(record, sourceHealth)
        if (health === undefined) unreadable += 1
        else if (books.get(health.tenant)?.set(health.source, health)) touched.add(health.tenant)
      }
      return { tenants: touched, unreadable }
    },
    of: (tenant) => [...(books.get(tenant)?.values() ?? [])],
  }
}

/** All histories that are being loaded, as one; null when none is. */
export function historyTile(healths: readonly SourceHealth[]): Tiles['history'] {
  const loading = healths.filter(
    ({ state, loaded, total }) => state === 'loading' && loaded !== null && total !== null,
  )
  if (loading.length === 0) return null
  return {
    loaded: sum(loading.map(({ loaded }) => loaded)) ?? 0,
    total: sum(loading.map(({ total }) => total)) ?? 0,
    perSecond: sum(loading.map(({ perSecond }) => perSecond)),
    secondsLeft: longest(loading.map(({ secondsLeft }) => secondsLeft)),
  }
}

const sum = (values: readonly (number | null)[]): number | null =>
  values.includes(null) ? null : values.reduce<number>((total, value) => total + (value ?? 0), 0)

const longest = (values: readonly (number | null)[]): number | null =>
  values.includes(null) ? null : Math.max(...values.map((value) => value ?? 0))
