/**
 * What is known of the sources at a bucket, and which of them do not answer. "Revenue fell" is never said of what may only
 * be missing.
 */
import type { SourceState } from '../../../clickhouse/queries/source-states.ts'
import { STALE_AFTER_MS } from '../../../core/contracts/source-progress.ts'

/** A source that answers, but does not come to the bucket's end, is waited for so long. */
const PATIENCE_MS = 300_000
/** What is silent for so long was given up: it begins no incident, and keeps nobody from being judged any more. */
const GIVEN_UP_AFTER_MS = 7 * 86_400_000
/** A source is told to be stale after so long: a restart is over by then. The wall says it sooner. */
export const SILENT_FOR_MS = 120_000

export interface Moment {
  /** Wall clock. */
  wallMs: number
  /** Sources that said that nothing more will come. */
  ended: ReadonlySet<string>
}

/** Of the sources of sales. */
export interface Readiness {
  ready: boolean
  sources: string[]
  /** Of them: it is not known whether all that belongs into the bucket is there. */
  incomplete: Set<string>
}

/** Whether the bucket that ends at `toMs` can be looked at. A replay's now is what it is complete to. */
export function bucketReadiness(
  states: readonly SourceState[],
  toMs: number,
  { wallMs, ended }: Moment,
): Readiness {
  const sales = states.filter(({ role }) => role === 'sale')
  const late = sales.filter(
    ({ source, mode, completeToMs, polledAtMs }) =>
      mode === 'live' &&
      !ended.has(source) &&
      wallMs - polledAtMs < GIVEN_UP_AFTER_MS &&
      (completeToMs ?? Number.NEGATIVE_INFINITY) < toMs,
  )
  const isSilent = ({ polledAtMs }: SourceState) => wallMs - polledAtMs > STALE_AFTER_MS
  return {
    ready: late.every(isSilent) || wallMs >= toMs + PATIENCE_MS,
    sources: sales.map(({ source }) => source),
    incomplete: new Set(late.map(({ source }) => source)),
  }
}

export interface Silence {
  source: string
  /** When it was to be told. */
  atMs: number
}

/** `sinceMs`: nobody has listened before it, so nobody knows that it did not answer. */
export function findSilences(
  states: readonly SourceState[],
  { wallMs, ended }: Moment,
  { sinceMs, silentForMs }: { sinceMs: number; silentForMs: number },
): { silent: Silence[]; answering: { source: string; polledAtMs: number }[] } {
  return {
    silent: states
      .filter(
        ({ source, mode, polledAtMs }) =>
          mode === 'live' &&
          !ended.has(source) &&
          wallMs - Math.max(polledAtMs, sinceMs) >= silentForMs &&
          wallMs - polledAtMs < GIVEN_UP_AFTER_MS,
      )
      .map(({ source, polledAtMs }) => ({ source, atMs: polledAtMs + silentForMs })),
    answering: states
      .filter(({ source, polledAtMs }) => ended.has(source) || wallMs - polledAtMs <= STALE_AFTER_MS)
      .map(({ source, polledAtMs }) => ({ source, polledAtMs })),
  }
}
