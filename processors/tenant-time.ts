/** The tenants' now: the wall clock, or of a replay the event time up to which all partitions are complete. */
import { readMarks } from '../clickhouse/queries/read-marks.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
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
  let replays = new Map<string, number>()
  let readAt = Number.NEGATIVE_INFINITY
  return {
    refresh: async () => {
      if (clock.now() - readAt < READ_INTERVAL_MS) return
      const marks = await readMarks(warehouse, { ...scope, partitions: partitions() })
      const upTo = new Map<string, number>()
      for (const { told } of marks.flatMap(({ progress }) => progress))
        if (told.mode === 'replay')
          upTo.set(
            told.tenant,
            Math.min(upTo.get(told.tenant) ?? Number.POSITIVE_INFINITY, Date.parse(told.upTo)),
          )
      replays = upTo
      readAt = clock.now()
    },
    now: (tenant) => replays.get(tenant) ?? clock.now(),
  }
}
