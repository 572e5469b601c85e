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

/** What is forecast, by day and by week; the ticket is sales by orders. */
export const FORECAST_SERIES = ['revenue', 'orders', 'ticket'] as const
export type ForecastSeries = (typeof FORECAST_SERIES)[number]
/** A week begins on Monday. */
export const FORECAST_STEPS = ['day', 'week'] as const
export type ForecastStep = (typeof FORECAST_STEPS)[number]
export const FORECAST_STEP_DAYS: Record<ForecastStep, number> = { day: 1, week: 7 }
/** What each of them is split by, where there is more than one of it; `all`: nothing. */
export const FORECAST_DIMENSIONS = ['all', 'source', 'region', 'country', 'category', 'product'] as const
/** Two weeks of days up to the cut-off: with less there is no weekday that was seen twice. */
export const FORECAST_MIN_DAYS = 14
/** Whole weeks: with less there is nothing that a week could be compared with. */
export const FORECAST_MIN_WEEKS = 4
/** What is told of the past beside a forecast: as many days as are forecast; of weeks half a year. */
export const FORECAST_PAST: Record<ForecastStep, number> = { day: 56, week: 26 }
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
  /** Left out: day. */
  step: z.enum(FORECAST_STEPS).optional(),
  /** What came before this instant is known to it. */
  cutOff: instant,
  /** The local day; of a week its Monday. */
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

/** What happened to an incident that is told. */
export const ALERT_CHANGES = ['opened', 'updated', 'acknowledged', 'silenced', 'resumed', 'resolved'] as const
export type AlertChange = (typeof ALERT_CHANGES)[number]
/** `metric`: a series left its band; `data.stale`: a source does not answer; `order`: an unusual order. */
export const ALERT_KINDS = ['metric', 'data.stale', 'order'] as const
export type AlertKind = (typeof ALERT_KINDS)[number]
export const ALERT_STATES = ['open', 'acknowledged', 'resolved'] as const
export type AlertState = (typeof ALERT_STATES)[number]
/** Two weeks: with less there is no time of the week that was seen twice, and nothing is told. */
export const WATCH_MIN_DAYS = 14
/** What metrics are watched for, and what they are split by. */
export const WATCHED_METRICS = ['revenue', 'orders', 'ticket', 'refunds'] as const
export type WatchedMetric = (typeof WATCHED_METRICS)[number]

/** All that is told of one incident has its `alertId` and `dedupKey`; what is optional is told where it is known. */
const alertData = z.object({
  ...head,
  alertId: externalId,
  dedupKey: externalId,
  severity: z.enum(SEVERITIES),
  title: label,
  detail: label,
  state: z.enum(ALERT_STATES),
  link: label,
  /** Left out: opened. */
  change: z.enum(ALERT_CHANGES).optional(),
  kind: z.enum(ALERT_KINDS).optional(),
  /** A metric, a source, or the id of an order. */
  subject: externalId.optional(),
  /** Of a metric, whose numbers these are: the whole, or one source or region alone. */
  part: z.object({ dimension: z.enum(['total', 'source', 'region']), member: label }).optional(),
  direction: z.enum(['fall', 'rise']).optional(),
  /** `level`: points outside of the band; `drift`: small differences to one side that have added up. */
  cause: z.enum(['level', 'drift']).optional(),
  /** Currency of what is money: the amounts of revenue and ticket; orders and refunds are counted. */
  currency: currency.optional(),
  observed: decimal.optional(),
  expected: decimal.optional(),
  /** The band in which it is usual. */
  interval: z.object({ low: decimal, high: decimal }).optional(),
  /** Standard deviations from what is expected. */
  score: z.number().optional(),
  /** What was observed: a piece of the tenant's day. */
  window: z.object({ from: instant, to: instant }).optional(),
  /** The largest first; `change` is observed less expected, `share` that of the whole change. */
  contributors: z
    .array(
      z.object({
        dimension: z.enum(['source', 'region']),
        member: label,
        change: decimal,
        share: z.number(),
      }),
    )
    .max(50)
    .optional(),
  /** The tenant's now when it was found, and how long after the window's end that was. */
  freshness: z.object({ now: instant, behindMs: z.int().nonnegative() }).optional(),
  acknowledgedBy: label.optional(),
  /** Nothing more is told until then, but that it is resolved. */
  silence: z.object({ owner: label, until: instant }).optional(),
})

/** May be told twice, with the same `id`. */
export const anomalyResult = cloudEvent('revwall.anomaly.v1', anomalyData)
export const alertResult = cloudEvent('revwall.alert.v1', alertData)

export type SegmentResult = z.infer<typeof segmentResult>
export type ForecastResult = z.infer<typeof forecastResult>
export type AnomalyResult = z.infer<typeof anomalyResult>
export type AlertResult = z.infer<typeof alertResult>
