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

/** What is forecast, by day; the ticket is sales by orders. */
export const FORECAST_SERIES = ['revenue', 'orders', 'ticket'] as const
export type ForecastSeries = (typeof FORECAST_SERIES)[number]
/** What revenue is split by, where there is more than one of it; `all`: nothing. */
export const FORECAST_DIMENSIONS = ['all', 'source', 'region', 'country', 'category', 'product'] as const
/** Two weeks of days up to the cut-off: with less there is no weekday that was seen twice. */
export const FORECAST_MIN_DAYS = 14
export type ForecastDimension = (typeof FORECAST_DIMENSIONS)[number]

/**
 * One step of a forecast: `low…`/`high…` are the 80 % and 95 % bounds. The same step may be told twice, with the same
 * `eventId`, which is of its tenant and series; the later forecast has the larger number behind its cut-off.
 */
export const forecastResult = z.object({
  type: z.literal('forecast'),
  ...head,
  eventId: externalId.optional(),
  series: label,
  /** What the series is split by, and the value; left out: nothing. */
  dimension: label.optional(),
  key: label.optional(),
  /** What came before this instant is known to it. */
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
