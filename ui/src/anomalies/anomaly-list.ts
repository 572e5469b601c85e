/** The panel of unusual orders out of the api's answer. */
import type { PanelAbsence } from '../../../core/contracts/panels.ts'
import { formatMoment } from '../access/format-seen.ts'
import { formatWhole } from '../format/format-number.ts'
import { LOCALE, messages } from '../messages.ts'
import { describeAbsence } from '../parts/describe-absence.ts'

export interface AnomaliesAnswer {
  /** Null: nothing has been looked at yet. */
  watching: Watching | null
  total: number
  anomalies: Anomaly[]
  absence: PanelAbsence | null
}

export interface Watching {
  /** Of the tenant's day. */
  scored: number
  told: number
  withheld: number
  skipped: number
}

export interface Anomaly {
  eventId: string
  orderId: string
  placedAt: string
  severity: 'info' | 'warning' | 'critical'
  score: number
  currency: string
  observed: string
  expected: string | null
  reasons: string[]
  reasonsPt: string[]
  acknowledgedBy: string | null
  silence: { owner: string; until: string } | null
}

/** What is being done, in words. */
export function describeWatching({
  absence,
  watching,
}: Pick<AnomaliesAnswer, 'absence' | 'watching'>): string {
  const text = messages.anomalies
  if (absence?.reason === 'learning')
    return text.learning(formatWhole(absence.have), formatWhole(absence.need))
  if (absence !== null) return describeAbsence(absence)
  if (watching === null) return ''
  const { scored, withheld, skipped } = watching
  return [
    text.watching(formatWhole(scored), scored === 1),
    withheld > 0 ? text.withheld(formatWhole(withheld)) : '',
    skipped > 0 ? text.skipped(formatWhole(skipped)) : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** "9× this customer's usual amount, at 03:12, third order in 4 minutes", as a sentence begins. */
export function explain({ reasons, reasonsPt }: Pick<Anomaly, 'reasons' | 'reasonsPt'>): string {
  const all = (LOCALE === 'pt-BR' ? reasonsPt : reasons).join(', ')
  return all.charAt(0).toUpperCase() + all.slice(1)
}

/** " · looked after by ana": what somebody did about it; empty where nobody did. */
export function describeTaken(
  { acknowledgedBy, silence }: Pick<Anomaly, 'acknowledgedBy' | 'silence'>,
  timeZone: string,
): string {
  const text = messages.incidents
  return [
    acknowledgedBy === null ? '' : ` · ${text.acknowledgedBy(acknowledgedBy)}`,
    silence === null ? '' : ` · ${text.silencedUntil(formatMoment(silence.until, timeZone), silence.owner)}`,
  ].join('')
}

/** 0.7123 → 71: nobody compares thousandths. */
export const scorePoints = (score: number) => Math.round(score * 100)
