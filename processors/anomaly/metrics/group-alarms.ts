/**
 * One incident for a group of related series. When a shop's orders fall, the total falls and so do its sources and
 * regions: that is one thing to tell, with whoever contributes most. And what falls because its source is silent is no
 * fall at all but `data.stale`, told once for each source.
 */
import type { Cause, Direction } from './watch-series.ts'

export interface SeriesAlarm {
  tenant: string
  metric: string
  /** What the series is a part of: the whole, or one source, one region … */
  dimension: 'total' | 'source' | 'region'
  /** '' for the total. */
  member: string
  /** The sources that feed it. */
  sources: readonly string[]
  direction: Direction
  cause: Cause
  observed: number
  expected: number
  z: number
}

export interface Contributor {
  dimension: 'source' | 'region'
  member: string
  /** Observed less expected. */
  change: number
  /** Of the whole change; may be above 1 where others went the other way. */
  share: number
}

export interface Trigger {
  kind: 'metric' | 'data.stale'
  /** The same as long as the same thing is wrong: what incidents are joined by. */
  group: string
  tenant: string
  /** The metric, or for `data.stale` the source. */
  subject: string
  direction: Direction | null
  cause: Cause | null
  severity: 'info' | 'warning' | 'critical'
  observed: number
  expected: number
  z: number
  /** The largest first. */
  contributors: readonly Contributor[]
}

const MAX_CONTRIBUTORS = 5
/** From so much of what is expected on, or from so many σ, it is critical. */
const CRITICAL_SHARE = 0.5
const CRITICAL_Z = 6

/** `alarms`: all series that are in alarm now. At most one trigger for each group. */
export function groupAlarms(alarms: readonly SeriesAlarm[], staleSources: ReadonlySet<string>): Trigger[] {
  const triggers = new Map<string, Trigger>()
  const groups = new Map<string, SeriesAlarm[]>()
  for (const alarm of alarms) {
    const stale = alarm.direction === 'fall' ? alarm.sources.filter((source) => staleSources.has(source)) : []
    for (const source of stale) {
      const trigger = staleTrigger(alarm.tenant, source)
      triggers.set(trigger.group, trigger)
    }
    if (stale.length > 0) continue
    const group = groupKey(alarm.tenant, alarm.metric, alarm.direction)
    groups.set(group, [...(groups.get(group) ?? []), alarm])
  }
  for (const [group, members] of groups) triggers.set(group, metricTrigger(group, members))
  return [...triggers.values()]
}

export function staleTrigger(tenant: string, source: string): Trigger {
  return {
    ...{ kind: 'data.stale', group: groupKey(tenant, 'data.stale', source), tenant, subject: source },
    ...{ direction: null, cause: null, severity: 'warning', z: 0, contributors: [] },
    ...{ observed: Number.NaN, expected: Number.NaN },
  }
}

function metricTrigger(group: string, members: readonly SeriesAlarm[]): Trigger {
  const head = members.find(({ dimension }) => dimension === 'total') ?? largest(members)
  const { tenant, metric, direction, cause, observed, expected, z } = head
  return {
    ...{ kind: 'metric', group, tenant, subject: metric, direction, cause, observed, expected, z },
    severity: severityOf(head),
    contributors: contributorsOf(members, observed - expected),
  }
}

function largest(members: readonly SeriesAlarm[]): SeriesAlarm {
  return members.reduce((most, one) => (changeOf(one) > changeOf(most) ? one : most))
}

function changeOf({ observed, expected }: SeriesAlarm): number {
  return Math.abs(observed - expected)
}

function severityOf({ observed, expected, z, cause }: SeriesAlarm): Trigger['severity'] {
  if (cause === 'drift') return 'info'
  const share = Math.abs(observed - expected) / Math.abs(expected)
  return share >= CRITICAL_SHARE && Math.abs(z) >= CRITICAL_Z ? 'critical' : 'warning'
}

function contributorsOf(members: readonly SeriesAlarm[], change: number): Contributor[] {
  return members
    .flatMap(({ dimension, member, observed, expected }) =>
      dimension === 'total'
        ? []
        : [{ dimension, member, change: observed - expected, share: (observed - expected) / change }],
    )
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, MAX_CONTRIBUTORS)
}

/** Names may hold any character; the separator is none of what is left of them. */
function groupKey(...parts: string[]): string {
  return parts.map(encodeURIComponent).join('/')
}
