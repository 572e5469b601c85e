/** What incidents and unusual series are in words, for whoever gets an event and has no wall beside it. */
import { offsetMs } from '../../../core/runtime/local-time.ts'
import type { Contributor, SeriesAlarm, Trigger } from './group-alarms.ts'
import type { Kept } from './incident-book.ts'

const METRICS = {
  en: { revenue: 'Revenue', orders: 'Orders', ticket: 'Average ticket', refunds: 'Refunds' },
  'pt-BR': { revenue: 'Receita', orders: 'Pedidos', ticket: 'Ticket médio', refunds: 'Estornos' },
} as const
const SIDES = {
  en: { fall: 'below usual', rise: 'above usual', drift: 'for hours a little' },
  'pt-BR': { fall: 'abaixo do habitual', rise: 'acima do habitual', drift: 'há horas um pouco' },
} as const
const USUAL = {
  en: (low: string, high: string) => `usually ${low} to ${high}`,
  'pt-BR': (low: string, high: string) => `em geral ${low} a ${high}`,
} as const
type Language = keyof typeof METRICS
/** Of a label. */
const MAX_TEXT = 500
const MAX_NAMED = 3

/** "Orders below usual: 12, usually 29 to 51"; of a part alone "Orders (shop) below …". */
export function titleOf({ latest, state }: Kept['incident'], currency: string): string {
  const title =
    latest.kind === 'data.stale' ? `Source ${latest.subject} does not answer` : whatOf(latest, currency)
  return cut(state === 'resolved' ? `Over: ${title}` : title)
}

function whatOf(trigger: Trigger, currency: string): string {
  if (trigger.kind === 'order')
    return `Unusual order ${trigger.subject}: ${amount(trigger.observed)} ${currency}`
  return sentence('en', { ...trigger, metric: trigger.subject }, currency, trigger.part?.member)
}

/** "10:30 to 10:45; shop −27 (96 %), SP −20 (71 %)", in the tenant's time. */
export function detailOf({ incident, sighting }: Kept, timeZone: string): string {
  const { kind, contributors, subject } = incident.latest
  const from = clock(sighting.window.fromMs, timeZone)
  if (kind === 'data.stale') return cut(`Since ${from}; nothing is said of what ${subject} sells meanwhile.`)
  if (kind === 'order') return ''
  const window = `${from} to ${clock(sighting.window.toMs, timeZone)}`
  const named = contributors.slice(0, MAX_NAMED).map((one) => contributorText(one, subject))
  return cut([window, named.join(', ')].filter((part) => part !== '').join('; '))
}

/** Of one series: "Orders of shop below usual: 2, usually 20 to 38". */
export function seriesText(language: Language, alarm: SeriesAlarm, currency: string): string {
  return cut(sentence(language, alarm, currency, alarm.member))
}

function sentence(
  language: Language,
  about: Pick<Trigger, 'direction' | 'cause' | 'observed' | 'low' | 'high'> & { metric: string },
  currency: string,
  member = '',
): string {
  const { metric, direction, cause, observed, low, high } = about
  const name = METRICS[language][metric as keyof (typeof METRICS)['en']]
  const of = member === '' ? name : `${name} (${member})`
  const side = SIDES[language][direction ?? 'fall']
  const so = cause === 'drift' ? `${SIDES[language].drift} ${side}` : side
  const write = (value: number) => (isMoney(metric) ? amount(value) : String(Math.round(value)))
  const unit = isMoney(metric) ? ` ${currency}` : ''
  return `${of} ${so}: ${write(observed)}${unit}, ${USUAL[language](write(Math.max(0, low)), write(high))}`
}

function contributorText({ member, change, share }: Contributor, metric: string): string {
  const size = isMoney(metric) ? amount(Math.abs(change)) : String(Math.round(Math.abs(change)))
  return `${member} ${change < 0 ? '−' : '+'}${size} (${Math.round(share * 100)} %)`
}

export const isMoney = (metric: string) => metric === 'revenue' || metric === 'ticket'

const amount = (value: number) => value.toFixed(2)

function clock(atMs: number, timeZone: string): string {
  return new Date(atMs + offsetMs(atMs, timeZone)).toISOString().slice(11, 16)
}

const cut = (text: string) => text.slice(0, MAX_TEXT)
