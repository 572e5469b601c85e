/**
 * The tenants' now: the wall clock, or of a replay, and while history is loaded, the event time up to which all partitions
 * are complete. History goes first: while it loads, later days are not there.
 */
import { readMarks } from '../clickhouse/queries/read-marks.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { SourceProgress } from '../core/contracts/source-progress.ts'
import type { Clock } from '../core/runtime/clock.ts'

/** A replay at 60 times the wall clock's speed passes five minutes meanwhile: what is asked is a day. */
const READ_INTERVAL_MS = 5_000

export interface TenantTime {
  /** Reads the marks, unless they were read a moment ago. */
  refresh(): Promise<void>
  now(tenant: string): number
}

export function tenantTime(
  warehouse: Warehouse,
  scope: { database: string; topic: string },
  partitions: () => number,
  clock: Clock,
): TenantTime {
  let behind = new Map<string, number>()
  let readAt = Number.NEGATIVE_INFINITY
  return {
    refresh: async () => {
      if (clock.now() - readAt < READ_INTERVAL_MS) return
      const marks = await readMarks(warehouse, { ...scope, partitions: partitions() })
      const told = marks.flatMap(({ progress }) => progress.map((one) => one.told))
      behind = new Map([...slowestOf(told, 'replay'), ...slowestOf(told, 'history')])
      readAt = clock.now()
    },
    now: (tenant) => behind.get(tenant) ?? clock.now(),
  }
}

function slowestOf(all: readonly SourceProgress[], mode: SourceProgress['mode']): Map<string, number> {
  const upTo = new Map<string, number>()
  for (const told of all)
    if (told.mode === mode)
      upTo.set(
        told.tenant,
        Math.min(upTo.get(told.tenant) ?? Number.POSITIVE_INFINITY, Date.parse(told.upTo)),
      )
  return upTo
}
