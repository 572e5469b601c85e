/** What processors compute and other teams subscribe to. Scores and shares are numbers; money is decimal strings. */
import { z } from 'zod'
import { currency, externalId, instant, label, tenant } from './fields.ts'
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

export const anomalyResult = z.object({
  type: z.literal('anomaly'),
  ...head,
  subject: z.enum(['order', 'customer', 'series']),
  subjectId: externalId,
  /** In [0, 1]; above 0.6 is unusual. */
  score: z.number().min(0).max(1),
  drivers: z.array(z.object({ feature: label, weight: z.number() })).max(50),
})

export const alertResult = z.object({
  type: z.literal('alert'),
  ...head,
  alertId: externalId,
  severity: z.enum(['info', 'warning', 'critical']),
  title: label,
  detail: label,
  state: z.enum(['open', 'acknowledged', 'resolved']),
})

export type SegmentResult = z.infer<typeof segmentResult>
export type ForecastResult = z.infer<typeof forecastResult>
export type AnomalyResult = z.infer<typeof anomalyResult>
export type AlertResult = z.infer<typeof alertResult>
