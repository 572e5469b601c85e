/** What the marks of all partitions say together of a tenant's sources, and the tenant's now that follows. */

import type { SourceProgress } from '../../core/contracts/source-progress.ts'
import type { Mark, MarkProgress } from './read-marks.ts'

export interface SourceState {
  source: string
  role: string
  /** Event time (ms) up to which all partitions are complete; null while one of them has not heard of the source. */
  completeToMs: number | null
  /** Wall clock (ms) of the poll that the partition farthest behind knows. */
  polledAtMs: number
  /** Wall clock (ms) of the last fact in any partition. */
  factAtMs: number | null
  mode: SourceProgress['mode']
  speed: number
  pass: number | null
  note: string
}

/**
 * A source is complete to the least of what its partitions were told: progress travels behind the facts of each
 * partition, so the one farthest behind may still miss some.
 */
export function sourceStates(marks: readonly Mark[], partitions: number, tenant: string): SourceState[] {
  const bySource = new Map<string, MarkProgress[]>()
  for (const mark of marks)
    for (const progress of mark.progress) {
      if (progress.told.tenant !== tenant) continue
      const list = bySource.get(progress.told.source) ?? []
      list.push(progress)
      bySource.set(progress.told.source, list)
    }
  return [...bySource.values()]
    .map((told) => stateOf(told, partitions))
    .sort((a, b) => (a.source < b.source ? -1 : 1))
}

function stateOf(told: readonly MarkProgress[], partitions: number): SourceState {
  const behind = told.reduce((least, one) => (upTo(one) < upTo(least) ? one : least))
  const { source, role, mode, speed, pass, note } = behind.told
  const facts = told.flatMap(({ factAt }) => (factAt === null ? [] : [Date.parse(factAt)]))
  return {
    source,
    role,
    mode,
    speed,
    pass,
    note,
    completeToMs: told.length < partitions ? null : upTo(behind),
    polledAtMs: Math.min(...told.map((one) => Date.parse(one.told.polledAt))),
    factAtMs: facts.length === 0 ? null : Math.max(...facts),
  }
}

const upTo = ({ told }: MarkProgress) => Date.parse(told.upTo)

export interface TenantTime {
  /** The tenant's now, ms. */
  nowMs: number
  mode: SourceProgress['mode']
  speed: number
  pass: number | null
}

/**
 * The wall clock, unless a source is replayed or loads its history: then the event time up to which all of these are
 * complete. History goes first, because while it loads the numbers of later days are not there.
 */
export function tenantTime(states: readonly SourceState[], wallMs: number): TenantTime {
  for (const mode of ['history', 'replay'] as const) {
    const behind = slowest(states.filter((state) => state.mode === mode))
    if (behind !== undefined)
      return { nowMs: behind.completeToMs ?? wallMs, mode, speed: behind.speed, pass: behind.pass }
  }
  return { nowMs: wallMs, mode: 'live', speed: 1, pass: null }
}

function slowest(states: readonly SourceState[]): SourceState | undefined {
  const known = states.filter(({ completeToMs }) => completeToMs !== null)
  return known.sort((a, b) => a.completeToMs! - b.completeToMs!)[0]
}

/** Event time (ms) up to which every source of sales is complete; null where one has not said, or there is none. */
export function salesCompleteToMs(states: readonly SourceState[]): number | null {
  const sales = states.filter(({ role }) => role === 'sale').map(({ completeToMs }) => completeToMs)
  if (sales.length === 0 || sales.includes(null)) return null
  return Math.min(...sales.map((ms) => ms ?? 0))
}
