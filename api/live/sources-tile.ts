import type { SourceState } from '../../clickhouse/queries/source-states.ts'
import type { SourceHealth } from '../../core/contracts/facts.ts'
import { codeOf } from '../../core/contracts/sayings.ts'
import { STALE_AFTER_MS } from '../../core/contracts/source-progress.ts'
import type { FRESHNESS, Tiles } from '../../core/contracts/tiles.ts'

type Row = Tiles['sources'][number]
type Freshness = (typeof FRESHNESS)[number]

/** A source that answers and has had nothing new for this long is quiet. */
export const QUIET_AFTER_MS = 60_000

/**
 * All sources that told their progress, and those that only said that they are there. With a `backlog` what they told since
 * may not have been taken yet: then it is not they who do not answer.
 */
export function sourcesTile(
  states: readonly SourceState[],
  healths: readonly SourceHealth[],
  wallMs: number,
  backlog = 0,
): Tiles['sources'] {
  const healthOf = new Map(healths.map((health) => [health.source, health]))
  const told = new Set(states.map(({ source }) => source))
  const silent = healths.filter(({ source }) => !told.has(source))
  return [
    ...states.map((state) => stateRow(state, healthOf.get(state.source), { wallMs, backlog })),
    ...silent.map(silentRow),
  ].sort((a, b) => (a.source < b.source ? -1 : 1))
}

interface Now {
  wallMs: number
  backlog: number
}

function stateRow(state: SourceState, health: SourceHealth | undefined, now: Now): Row {
  return {
    source: state.source,
    role: state.role,
    completeTo: isoOrNull(state.completeToMs),
    polledAt: isoOrNull(state.polledAtMs),
    lastFactAt: isoOrNull(state.factAtMs),
    freshness: freshnessOf(state, health, now),
    message: health?.message || state.note,
    ...(health?.message && codeOf(health)),
  }
}

function freshnessOf(
  state: SourceState,
  health: SourceHealth | undefined,
  { wallMs, backlog }: Now,
): Freshness {
  if (health?.state === 'ended') return 'ended'
  if (state.mode === 'history' || backlog > 0) return 'loading'
  if (wallMs - state.polledAtMs > STALE_AFTER_MS) return 'stale'
  if (state.factAtMs === null || wallMs - state.factAtMs > QUIET_AFTER_MS) return 'quiet'
  return 'fresh'
}

/** It has not come as far as a progress: it starts, or it fails. Only sources of sales tell their health so far. */
function silentRow({ source, state, message, ...said }: SourceHealth): Row {
  const freshness =
    state === 'ended' ? 'ended' : state === 'starting' || state === 'loading' ? 'loading' : 'stale'
  return {
    ...{ source, role: 'sale', completeTo: null, polledAt: null, lastFactAt: null, freshness, message },
    ...codeOf({ message, ...said }),
  }
}

const isoOrNull = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
