/**
 * One incident for a group of related series. When a shop's orders fall, the total falls and so do its sources and
 * regions: that is one thing to tell, with whoever contributes most. And what falls because its source is silent is no
 * fall at all but `data.stale`, told once for each source.
 */
import type { AlertKind, Severity } from '../../../core/contracts/results.ts'
import type { Cause, Direction } from './watch-series.ts'

/** What a series is of: the whole, or one source, one region … */
export interface SeriesPart {
  dimension: 'total' | 'source' | 'region'
  /** '' for the total. */
  member: string
}

/** A series at one bucket. */
export interface SeriesPoint extends SeriesPart {
  tenant: string
  metric: string
  /** The sources that feed it. */
  sources: readonly string[]
  observed: number
  /** NaN where nothing is known to expect. */
  expected: number
  /** The band in which it is usual. */
  low: number
  high: number
  z: number
}

export interface SeriesAlarm extends SeriesPoint {
  direction: Direction
  cause: Cause
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
  kind: AlertKind
  /** The same as long as the same thing is wrong: what incidents are joined by. */
  group: string
  tenant: string
  /** The metric, or for `data.stale` the source, or of an order its id. */
  subject: string
  /** Of a metric, whose numbers these are; null where nothing is measured, and of an order. */
  part: SeriesPart | null
  direction: Direction | null
  cause: Cause | null
  severity: Severity
  observed: number
  expected: number
  low: number
  high: number
  z: number
  /** The largest first. */
  contributors: readonly Contributor[]
}

const MAX_CONTRIBUTORS = 5
/** From so much of what is expected on, or from so many σ, it is critical. */
const CRITICAL_SHARE = 0.5
const CRITICAL_Z = 6

/**
 * Revenue is orders times ticket: when one of the three falls, another one does, and that is the same thing. The first in
 * this list says it, as what is at stake goes before why.
 */
const RELATED: Readonly<Record<string, readonly string[]>> = { sales: ['revenue', 'orders', 'ticket'] }

/**
 * `alarms`: all series that are in alarm now. At most one trigger for each group. `parts`: all series of the same bucket,
 * in alarm or not; what contributes is found among them.
 */
export function groupAlarms(
  alarms: readonly SeriesAlarm[],
  staleSources: ReadonlySet<string>,
  parts: readonly SeriesPoint[] = alarms,
): Trigger[] {
  const triggers = new Map<string, Trigger>()
  const groups = new Map<string, SeriesAlarm[]>()
  for (const alarm of alarms) {
    const stale = alarm.direction === 'fall' ? alarm.sources.filter((source) => staleSources.has(source)) : []
    for (const source of stale) {
      const trigger = staleTrigger(alarm.tenant, source)
      triggers.set(trigger.group, trigger)
    }
    if (stale.length > 0) continue
    const group = groupOf(alarm)
    groups.set(group, [...(groups.get(group) ?? []), alarm])
  }
  for (const [group, members] of groups) triggers.set(group, metricTrigger(group, members, parts))
  return [...triggers.values()]
}

/** The incident that an alarm belongs to. */
export function groupOf({
  tenant,
  metric,
  direction,
}: Pick<SeriesAlarm, 'tenant' | 'metric' | 'direction'>): string {
  const family = Object.entries(RELATED).find(([, metrics]) => metrics.includes(metric))
  return groupKey(tenant, family?.[0] ?? metric, direction)
}

export function staleTrigger(tenant: string, source: string): Trigger {
  return {
    ...{ kind: 'data.stale', group: groupKey(tenant, 'data.stale', source), tenant, subject: source },
    ...{ part: null, direction: null, cause: null, severity: 'warning', z: 0, contributors: [] },
    ...{ observed: Number.NaN, expected: Number.NaN, low: Number.NaN, high: Number.NaN },
  }
}

function metricTrigger(
  group: string,
  members: readonly SeriesAlarm[],
  parts: readonly SeriesPoint[],
): Trigger {
  const head = headOf(members)
  const { tenant, metric, dimension, member, direction, cause, observed, expected, low, high, z } = head
  const own = parts.filter((part) => part.metric === metric && isTowards(part, direction))
  return {
    ...{ kind: 'metric', group, tenant, subject: metric, direction, cause, observed, expected, low, high, z },
    part: { dimension, member },
    severity: severityOf(head),
    contributors: contributorsOf(own, observed - expected),
  }
}

/** The whole before its parts; among parts of one metric the one that changed most. */
function headOf(members: readonly SeriesAlarm[]): SeriesAlarm {
  const wholes = members.filter(({ dimension }) => dimension === 'total')
  const among = wholes.length > 0 ? wholes : members
  const rank = ({ metric }: SeriesAlarm) => Object.values(RELATED).flat().indexOf(metric)
  const first = Math.min(...among.map(rank))
  return among
    .filter((one) => rank(one) === first)
    .reduce((most, one) => (changeOf(one) > changeOf(most) ? one : most))
}

function isTowards({ observed, expected }: SeriesPoint, direction: Direction): boolean {
  return direction === 'fall' ? observed < expected : observed > expected
}

function changeOf({ observed, expected }: SeriesPoint): number {
  return Math.abs(observed - expected)
}

function severityOf({ observed, expected, z, cause }: SeriesAlarm): Trigger['severity'] {
  if (cause === 'drift') return 'info'
  const share = Math.abs(observed - expected) / Math.abs(expected)
  return share >= CRITICAL_SHARE && Math.abs(z) >= CRITICAL_Z ? 'critical' : 'warning'
}

function contributorsOf(members: readonly SeriesPoint[], change: number): Contributor[] {
  // Of what cannot be measured now, as the ticket where nothing sells, nobody has a share.
  if (!(Math.abs(change) > 0)) return []
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
