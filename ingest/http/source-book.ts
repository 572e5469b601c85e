/**
 * Which sources push, and when each was last told of. A pushing source is never asked, so its progress says: whatever it
 * had handed over by then is in the log.
 */

import type { StreamRole } from '../../core/contracts/order.ts'
import { IDLE_PROGRESS_INTERVAL_MS, MAX_SOURCES, PROGRESS_INTERVAL_MS, SILENT_FOR_MS } from './limits.ts'

export interface PushedSource {
  tenant: string
  source: string
  role: StreamRole
}

interface Known extends PushedSource {
  pushedAtMs: number
  toldAtMs: number
  /** It has pushed since it was told of. */
  isAhead: boolean
}

export interface SourceBook {
  /** Of those that push now, the ones whose progress can be told again. */
  dueBehind(pushing: Iterable<PushedSource>, nowMs: number): PushedSource[]
  /** Of all, the ones whose progress is owed: since they pushed, or since it is time to say that they are quiet. */
  due(nowMs: number): PushedSource[]
  /** What was appended: facts of `pushed`, progress of `told`. */
  note(pushed: Iterable<PushedSource>, told: Iterable<PushedSource>, nowMs: number): void
}

const NEVER = {
  pushedAtMs: Number.NEGATIVE_INFINITY,
  toldAtMs: Number.NEGATIVE_INFINITY,
  isAhead: false,
}

export function createSourceBook(): SourceBook {
  const known = new Map<string, Known>()

  const toldAt = (source: PushedSource) => known.get(keyOf(source))?.toldAtMs ?? Number.NEGATIVE_INFINITY

  function note(source: PushedSource, change: Partial<Known>): void {
    const key = keyOf(source)
    const before = known.get(key) ?? NEVER
    // Behind the others: the first of the map is then the one that was silent for the longest.
    if (change.pushedAtMs !== undefined) known.delete(key)
    known.set(key, { ...before, ...source, ...change })
    if (known.size <= MAX_SOURCES) return
    for (const oldest of known.keys()) {
      known.delete(oldest)
      return
    }
  }

  return {
    dueBehind: (pushing, nowMs) =>
      [...pushing].filter((source) => nowMs - toldAt(source) >= PROGRESS_INTERVAL_MS),
    due(nowMs) {
      const owed: PushedSource[] = []
      for (const [key, source] of known) {
        if (nowMs - source.pushedAtMs > SILENT_FOR_MS) known.delete(key)
        else if (isOwed(source, nowMs)) owed.push(source)
      }
      return owed
    },
    note(pushed, told, nowMs) {
      for (const source of pushed) note(source, { pushedAtMs: nowMs, isAhead: true })
      for (const source of told) note(source, { toldAtMs: nowMs, isAhead: false })
    },
  }
}

function isOwed({ isAhead, toldAtMs }: Known, nowMs: number): boolean {
  return nowMs - toldAtMs >= (isAhead ? PROGRESS_INTERVAL_MS : IDLE_PROGRESS_INTERVAL_MS)
}

export function keyOf({ tenant, source }: PushedSource): string {
  return `${tenant}/${source}`
}
