/** Incidents of metrics and sources out of the api's answer, in words. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { formatMoment } from '../access/format-seen.ts'
import { formatMoney, formatWhole } from '../format/format-number.ts'
import { messages } from '../messages.ts'
import { describeAbsence } from '../parts/describe-absence.ts'

export interface IncidentsAnswer {
  /** Null: nothing is watched yet. */
  watching: { upTo: string; bucketMinutes: number; series: number } | null
  total: number
  incidents: Incident[]
  absence: PanelAbsence | null
}

export interface Incident {
  alertId: string
  kind: 'metric' | 'data.stale' | 'order'
  state: 'open' | 'acknowledged' | 'resolved'
  severity: 'info' | 'warning' | 'critical'
  subject: string
  /** Of a metric: the whole where `member` is empty. */
  part: { member: string } | null
  direction: 'fall' | 'rise' | null
  cause: 'level' | 'drift' | null
  currency: string
  observed: string | null
  low: string | null
  high: string | null
  contributors: { member: string; change: string; share: number }[]
  openedAt: string
  resolvedAt: string | null
  acknowledgedBy: string | null
  silence: { owner: string; until: string } | null
}

const MAX_NAMED = 3
const isMoney = (subject: string) => subject === 'revenue' || subject === 'ticket'

/** "Orders below usual: 12, usually 29 to 51"; of a part alone "Orders (shop) below …". */
export function describeIncident({ kind, subject, part, direction, cause, ...seen }: Incident): string {
  const text = messages.incidents
  if (kind === 'data.stale') return text.stale(subject)
  const write = (amount: string) =>
    isMoney(subject) ? formatMoney(amount, seen.currency) : formatWhole(amount)
  const side = text.sides[`${cause ?? 'level'}-${direction ?? 'fall'}`]
  const of = part?.member ? ` (${part.member})` : ''
  const what = `${text.metrics[subject] ?? subject}${of} ${side}`
  if (seen.observed === null || seen.low === null || seen.high === null) return what
  const low = seen.low.startsWith('-') ? '0' : seen.low
  return text.usually(what, write(seen.observed), write(low), write(seen.high))
}

/** "shop −27 (96%), SP −20 (71%)": who contributes most. */
export function describeContributors({ contributors, subject, currency }: Incident): string {
  return contributors
    .slice(0, MAX_NAMED)
    .map(({ member, change, share }) => {
      const size = isMoney(subject) ? formatMoney(change, currency) : formatWhole(change)
      return `${member} ${change.startsWith('-') ? '' : '+'}${size} (${formatWhole(share * 100)}%)`
    })
    .join(', ')
}

/** "open, since 1 Mar 2024, 12:45", "resolved, … to …", with who looks after it and until when it is silent. */
export function describeState(incident: Incident, timeZone: string): string {
  const { state, openedAt, resolvedAt, acknowledgedBy, silence } = incident
  const text = messages.incidents
  const opened = formatMoment(openedAt, timeZone)
  return [
    resolvedAt === null
      ? text.since(text.states[state], opened)
      : text.fromTo(text.states[state], opened, formatMoment(resolvedAt, timeZone)),
    acknowledgedBy === null ? '' : text.acknowledgedBy(acknowledgedBy),
    silence === null ? '' : text.silencedUntil(formatMoment(silence.until, timeZone), silence.owner),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** What is being done, in words. */
export function describeWatch({ absence, watching }: Pick<IncidentsAnswer, 'absence' | 'watching'>): string {
  const text = messages.incidents
  if (absence?.reason === 'history')
    return text.learning(formatWhole(absence.have), formatWhole(absence.need))
  if (absence !== null) return describeAbsence(absence)
  if (watching === null) return ''
  const { series, bucketMinutes } = watching
  return text.watching(formatWhole(series), formatWhole(bucketMinutes))
}
