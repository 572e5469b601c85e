/** What is known of a tenant without asking ClickHouse: its time, its sources, its history, and what works. */

import {
  salesCompleteToMs,
  sourceStates,
  type TenantTime,
  tenantTime,
} from '../../clickhouse/queries/source-states.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Tiles } from '../../core/contracts/tiles.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { type HealthBook, historyTile } from './source-health.ts'
import { sourcesTile } from './sources-tile.ts'
import type { MarkWatch } from './watch-marks.ts'

export type Health = Tiles['health']
export type MemoryTiles = Pick<Tiles, 'tenant' | 'sources' | 'history' | 'health'>

export interface TenantFacts {
  time(): TenantTime
  tiles(): MemoryTiles
  /** How complete each tile of orders is, ISO; null when unknown. */
  watermarks(): Record<string, string | null>
  verifying(): boolean
}

/** A server that is gone for longer than this is down, and not only being started again. */
const RESTARTING_FOR_MS = 5_000

export interface FactsSources {
  marks: Pick<MarkWatch, 'marks' | 'partitions' | 'downSinceMs'>
  healths: HealthBook
  health: () => Health
  verifying: () => boolean
  clock: Clock
}

export function createTenantFacts(tenant: TenantConfig, from: FactsSources): TenantFacts {
  const { marks, healths, clock } = from
  const states = () => sourceStates(marks.marks(), marks.partitions(), tenant.id)
  return {
    time: () => tenantTime(states(), clock.now()),
    tiles() {
      const { mode, speed, pass } = tenantTime(states(), clock.now())
      const { id, name, timeZone, currency } = tenant
      const own = healths.of(id)
      return {
        tenant: { id, name, timeZone, currency, mode, speed, pass },
        sources: sourcesTile(states(), own, clock.now(), from.health().backlog),
        history: historyTile(own),
        health: healthNow(from.health(), marks.downSinceMs(), clock.now()),
      }
    },
    watermarks() {
      const ms = salesCompleteToMs(states())
      const orders = ms === null ? null : new Date(ms).toISOString()
      return { hero: orders, chart: orders, products: orders, countries: orders, latest: orders }
    },
    verifying: from.verifying,
  }
}

/** Whoever runs the server may not have seen yet that it is gone, or not be able to. */
export function healthNow(told: Health, downSinceMs: number | null, nowMs: number): Health {
  if (downSinceMs === null || told.warehouse !== 'up') return told
  return { ...told, warehouse: nowMs - downSinceMs < RESTARTING_FOR_MS ? 'restarting' : 'down' }
}
