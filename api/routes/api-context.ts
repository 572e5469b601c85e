import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Axis } from '../../core/contracts/tiles.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { formatDay, localDay } from '../../core/runtime/local-time.ts'
import type { SegmentChoice } from '../../core/segments/segment-modes.ts'
import type { Principal } from '../auth/principal.ts'
import type { Hub } from '../live/hub.ts'

/** What routes answer from. */
export interface ApiContext {
  tenants: ReadonlyMap<string, TenantConfig>
  warehouse: Warehouse
  database: string
  hub: Hub
  /** Whether anything is computed from the orders here (REVWALL_ANALYTICS). */
  analytics: boolean
  /** How customers are divided where a question does not say (REVWALL_SEGMENTS). */
  segments: SegmentChoice
  clock: Clock
}

export function tenantOf({ tenants }: ApiContext, principal: Principal): TenantConfig {
  const tenant = tenants.get(principal.tenant)
  if (tenant === undefined) throw new Error(`principal of an unknown tenant: ${principal.tenant}`)
  return tenant
}

/** The tenant of every query is the principal's. */
export function scopeOf(context: ApiContext, principal: Principal, axis: Axis): MoneyScope {
  const { id, currency } = tenantOf(context, principal)
  return { database: context.database, tenant: id, axis, currency }
}

/** The tenant's now, ms. */
export function nowOf(context: ApiContext, principal: Principal): number {
  return context.hub.facts(principal.tenant).time().nowMs
}

export function todayOf(context: ApiContext, principal: Principal): string {
  return formatDay(localDay(nowOf(context, principal), tenantOf(context, principal).timeZone))
}

/** `from` and `to`; one alone means that day, none means today. */
export function rangeOf(
  context: ApiContext,
  principal: Principal,
  asked: { from?: string | undefined; to?: string | undefined },
): { from: string; to: string } {
  const one = asked.from ?? asked.to ?? todayOf(context, principal)
  return { from: asked.from ?? one, to: asked.to ?? one }
}
