/** What the header says of the wall as a whole, in order of what a viewer has to know first. */

import { formatWhole } from '../format/format-number.ts'
import { formatAge, formatClockWithSeconds } from '../format/format-time.ts'
import { messages } from '../messages.ts'
import { completeTo, saleSources } from './freshness.ts'
import { tell } from './tell.ts'
import type { WallState } from './wall-state.ts'

export type Tone = 'good' | 'soft' | 'warn' | 'bad'
export type Status = {
  icon: 'fresh' | 'offline' | 'resync' | 'loading' | 'ended' | 'stale'
  text: string
  tone: Tone
}

export function describeStatus(state: WallState): Status {
  const { header } = messages
  const { tenant, history, health } = state.tiles
  if (state.phase === 'offline') return { icon: 'offline', text: header.offline, tone: 'bad' }
  if (state.phase === 'connecting') return { icon: 'loading', text: header.connecting, tone: 'soft' }
  if (state.phase === 'resyncing') return { icon: 'resync', text: header.resyncing, tone: 'warn' }
  // What the sources said last is not known before what the log has was taken.
  if (health?.backlog) return { icon: 'loading', text: header.catchingUp, tone: 'soft' }
  // What a source was doing when it spoke last says nothing once it has ended or does not speak.
  const words = new Set(saleSources(state).map((source) => source.freshness))
  const only = words.size === 1 ? [...words][0] : undefined
  if (only === 'ended') return { icon: 'ended', text: header.ended, tone: 'soft' }
  if (only === 'stale') return { icon: 'stale', text: header.stale, tone: 'warn' }
  if (tenant?.mode === 'history' || history) return { icon: 'loading', text: header.loading, tone: 'soft' }
  if (tenant?.mode !== 'replay') return { icon: 'fresh', text: header.live, tone: 'good' }
  return { icon: 'fresh', text: header.replay(formatWhole(tenant.speed), tenant.pass), tone: 'good' }
}

/** A part of the server that does not work; null when all does. Values stay meanwhile. */
export function describeFault(state: WallState): { text: string; tone: Tone } | null {
  const { health } = state.tiles
  // Offline, the health that was last heard of says nothing.
  if (!health || state.phase === 'offline') return null
  const { notice } = messages
  const detailed = (text: string) => (health.message ? `${text}: ${tell(health)}` : text)
  if (health.warehouse === 'down') return { text: detailed(notice.warehouseDown), tone: 'bad' }
  if (health.processor === 'halted') return { text: detailed(notice.processorHalted), tone: 'bad' }
  if (health.warehouse === 'restarting') return { text: notice.warehouseRestarting, tone: 'warn' }
  if (health.processor === 'recovering') return { text: notice.processorRecovering, tone: 'warn' }
  return null
}

/**
 * How complete the numbers are, or how far the history has come, or, offline and until the answer has come to a wall
 * that asked, of when the kept values are; empty when unknown.
 */
export function describeCompleteness(state: WallState): string {
  const { tenant, history } = state.tiles
  if (!tenant) return ''
  const { header } = messages
  const kept = state.phase === 'offline' || state.phase === 'resyncing'
  if (history && !kept) return describeHistory(history)
  const until = completeTo(state) ?? (kept ? state.eventTime : null)
  if (until === null) return ''
  const clock = formatClockWithSeconds(until, tenant.timeZone)
  return kept ? header.lastValuesOf(clock) : header.completeTo(clock)
}

function describeHistory(history: NonNullable<WallState['tiles']['history']>): string {
  const rate = history.perSecond === null ? null : formatWhole(Math.round(history.perSecond))
  const left = history.secondsLeft === null ? null : formatAge(history.secondsLeft * 1_000)
  return messages.header.history(`${formatWhole(Math.floor(historyShare(history) * 100))} %`, rate, left)
}

/** 0 … 1. */
export function historyShare(history: { loaded: number; total: number }): number {
  return history.total > 0 ? Math.min(1, history.loaded / history.total) : 0
}
