/** How fresh a source and a tile are, as icon, word and age; the table in the wall's README. */
import type { Tiles } from '../../../core/contracts/tiles.ts'
import { formatAge } from '../format/format-time.ts'
import type { WallState } from './wall-state.ts'

export type Source = Tiles['sources'][number]
export type FreshnessWord = Source['freshness'] | 'offline'
export type Freshness = { word: FreshnessWord; age: string }

export function sourceFreshness(source: Source, nowMs: number): Freshness {
  // Quiet counts from the last thing that happened, all others from the last word of the source.
  const since = source.freshness === 'quiet' ? (source.lastFactAt ?? source.polledAt) : source.polledAt
  const aged = source.freshness !== 'loading' && source.freshness !== 'ended'
  return { word: source.freshness, age: aged && since !== null ? ageSince(since, nowMs) : '' }
}

// The first of these that a source of sales is in is what its tiles say: the worst news counts.
const WORST_FIRST = ['stale', 'loading', 'fresh', 'quiet', 'ended'] as const

/** The freshness of the numbers as a whole; null where no source has been heard of. */
export function tileFreshness(state: WallState, nowMs: number | null): Freshness | null {
  if (state.phase === 'offline') return { word: 'offline', age: '' }
  if (nowMs === null) return null
  if (state.warehouseLostAt !== null) return { word: 'stale', age: ageSince(state.warehouseLostAt, nowMs) }
  const sales = saleSources(state)
  for (const word of WORST_FIRST) {
    const found = sales.find((source) => source.freshness === word)
    if (found) return sourceFreshness(found, nowMs)
  }
  return null
}

/** Event time up to which every source of sales is complete; null where one has not said. ISO. */
export function completeTo(state: WallState): string | null {
  const sales = saleSources(state)
  let earliest: string | null = null
  for (const { completeTo } of sales) {
    if (completeTo === null) return null
    if (earliest === null || Date.parse(completeTo) < Date.parse(earliest)) earliest = completeTo
  }
  return earliest
}

/** Only these make the numbers. */
export function saleSources(state: WallState): Source[] {
  return (state.tiles.sources ?? []).filter((source) => source.role === 'sale')
}

const ageSince = (instant: string, nowMs: number): string => formatAge(nowMs - Date.parse(instant))
