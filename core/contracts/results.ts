/** What processors compute and other teams subscribe to. Scores and shares are numbers; money is decimal strings. */
import { z } from 'zod'
import { cloudEvent } from './cloud-event.ts'
import { currency, externalId, instant, label, source, tenant } from './fields.ts'
import { decimal } from './money.ts'

const head = { schemaVersion: z.literal(1), tenant, computedAt: instant, model: label }

/**
 * A customer moved from one segment to another; null: none. The same move may be told twice, with the same `eventId`,
 * which is of its customer; the later move has the larger number at its end.
 */
export const segmentResult = z.object({
  type: z.literal('segment'),
  ...head,
  eventId: externalId.optional(),
  customerId: externalId,
  from: label.nullable(),
  to: label.nullable(),
  /** Since the last order that counts; null: there is none. */
  recencyDays: z.int().nonnegative().nullable(),
  frequency: z.int().nonnegative(),
  currency,
  monetary: decimal,
})

/** One step of a forecast: `low…`/`high…` are the 80 % and 95 % bounds. */
export const forecastResult = z.object({
  type: z.literal('forecast'),
  ...head,
  series: label,
  cutOff: instant,
  period: z.iso.date(),
  unit: label,
  expected: decimal,
  low80: decimal,
  high80: decimal,
  low95: decimal,
  high95: decimal,
})

export const SEVERITIES = ['info', 'warning', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

/** What was found unusual, and why. */
const anomalyData = z.object({
  ...head,
  subject: z.enum(['order', 'customer', 'series']),
  subjectSource: source,
  subjectId: externalId,
  /** Of the incident: the same in everything that is told of it. */
  dedupKey: externalId,
  severity: z.enum(SEVERITIES),
  currency,
  observed: decimal,
  /** Null where nothing is known to expect. */
  expected: decimal.nullable(),
  /** In [0, 1]; 0.5 is as all others are. It was told because it is above the threshold. */
  score: z.number().min(0).max(1),
  threshold: z.number().min(0).max(1),
  /** What it was compared within. */
  window: z.object({ from: instant, to: instant }),
  drivers: z.array(z.object({ feature: label, weight: z.number() })).max(50),
  /** By language. */
  explanation: z.object({ en: label, 'pt-BR': label }),
  /** The tenant's now when it was found, and how long after its subject that was. */
  freshness: z.object({ now: instant, behindMs: z.int().nonnegative() }),
  /** Opens the wall at it. */
  link: label,
})

const alertData = z.object({
  ...head,
  alertId: externalId,
  dedupKey: externalId,
  severity: z.enum(SEVERITIES),
  title: label,
  detail: label,
  state: z.enum(['open', 'acknowledged', 'resolved']),
  link: label,
})

/** May be told twice, with the same `id`. */
export const anomalyResult = cloudEvent('revwall.anomaly.v1', anomalyData)
export const alertResult = cloudEvent('revwall.alert.v1', alertData)

export type SegmentResult = z.infer<typeof segmentResult>
export type ForecastResult = z.infer<typeof forecastResult>
export type AnomalyResult = z.infer<typeof anomalyResult>
export type AlertResult = z.infer<typeof alertResult>
