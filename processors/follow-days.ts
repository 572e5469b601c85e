/**
 * What is made of each tenant's complete days: anew when a day is over, and when the past is another than it was.
 *
 * 1. A day is complete when the tenant's now is behind it: the wall clock, or in a replay its event time. While that runs
 *    through history, `isDue` lets it come to rest.
 * 2. Those are read first that waited longest; a look makes one at most, and looks again at once when it did.
 * 3. Who takes over begins with what was stored, which `restore` reads.
 */
import type { Registry } from 'prom-client'
import { readingDatabase } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { TenantConfig } from '../core/contracts/tenant.ts'
import { localDay } from '../core/runtime/local-time.ts'
import type { LeadOptions } from './lead-group.ts'
import { leadLooks } from './lead-looks.ts'
import { type LeaderGauge, leaderGauge } from './leader-gauge.ts'
import { type TenantTime, tenantTime } from './tenant-time.ts'

export interface FollowDaysOptions extends LeadOptions {
  warehouse: Warehouse
  /** Of the run. */
  database: string
  tenants: ReadonlyMap<string, TenantConfig>
  registry: Registry
}

export interface TenantDays {
  tenant: TenantConfig
  /** The last day that the newest result knows of, as days since 1970-01-01; NaN: there is none. */
  cutOff: number
  /** Of the newest result; 0: there is none. */
  revision: number
  /** The last complete day at the last look. */
  seen: number
  madeAt: number
  readAt: number
}

export interface DayWork<State extends TenantDays, Made> {
  /** Of what is made, such as `forecasts`; with the run it names the group. */
  name: string
  run: string
  complaint: string
  lookIntervalMs: number
  /** What was stored of each tenant. `database`: where to read from. */
  restore: (database: string) => Promise<State[]>
  /** Whether a tenant is to be read; of `cutOff` as the last complete day. */
  isDue: (state: State, cutOff: number) => boolean
  /** Undefined: what there is still holds, or nothing can be made. */
  make: (state: State, cutOff: number, reading: DayReading) => Promise<Made | undefined>
  /** After each look, with what it made. */
  onLook?: ((made: Made | undefined) => void) | undefined
}

export interface DayReading {
  /** Where to read from. */
  database: string
  /** Ends what runs: the process goes, or another one leads. */
  signal: AbortSignal
}

export const TOPIC = 'orders'
/** Tenants that one look reads. */
const MAX_READ = 16

/** Resolves when the signal came and nothing runs any more. */
export function followDays<State extends TenantDays, Made>(
  options: FollowDaysOptions,
  work: DayWork<State, Made>,
): Promise<void> {
  const { warehouse, log, clock } = options
  const behind = behindDays(options.registry, work.name)
  return leadLooks(options, {
    ...{ group: `${work.name}-${work.run}`, complaint: work.complaint, intervalMs: work.lookIntervalMs },
    open: async (signal) => {
      const database = readingDatabase(warehouse, options.database)
      const time = tenantTime(warehouse, { database, topic: TOPIC }, () => log.partitions(TOPIC), clock)
      const states = await work.restore(database)
      behind.lead(() => furthestBehind(states))
      return { reading: { database, signal }, time, states }
    },
    look: async (opened) => {
      const made = await look(options, work, opened)
      work.onLook?.(made)
      return made === undefined ? 'later' : 'again'
    },
    close: async () => behind.leave(),
  })
}

/** Of the tenant that is furthest; a tenant without any result has too little history. */
export function behindDays(registry: Registry, name: string): LeaderGauge {
  return leaderGauge(registry, {
    name: `revwall_${name}_behind_days`,
    help: `Complete days that the newest ${name} do not know of, of the tenant with the most.`,
  })
}

/** A replay that begins anew goes back in time: then nothing is behind. */
function furthestBehind(states: readonly TenantDays[]): number {
  const known = states.filter(({ cutOff, seen }) => Number.isFinite(cutOff) && Number.isFinite(seen))
  return Math.max(0, ...known.map(({ cutOff, seen }) => seen - cutOff))
}

interface Opened<State> {
  reading: DayReading
  time: TenantTime
  states: State[]
}

async function look<State extends TenantDays, Made>(
  { clock }: FollowDaysOptions,
  work: DayWork<State, Made>,
  { reading, time, states }: Opened<State>,
): Promise<Made | undefined> {
  await time.refresh()
  const due = states.flatMap((state) => {
    const { tenant } = state
    const cutOff = localDay(time.now(tenant.id), tenant.timeZone) - 1
    const isDue = work.isDue(state, cutOff)
    state.seen = cutOff
    return isDue ? [{ state, cutOff }] : []
  })
  due.sort((a, b) => a.state.readAt - b.state.readAt)
  for (const { state, cutOff } of due.slice(0, MAX_READ)) {
    if (reading.signal.aborted) return undefined
    state.readAt = clock.now()
    const made = await work.make(state, cutOff, reading)
    if (made !== undefined) return made
  }
  return undefined
}
