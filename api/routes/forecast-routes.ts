/** What the next eight weeks may bring, and how well that would have been known in the past. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  type ForecastModel,
  readForecastModel,
  readForecastNames,
  readForecastPoints,
  type SeriesName,
} from '../../clickhouse/queries/read-forecasts.ts'
import type { PastValue } from '../../clickhouse/queries/read-past-values.ts'
import type { MoneyScope } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { PanelAbsence } from '../../core/contracts/panels.ts'
import {
  FORECAST_DIMENSIONS,
  FORECAST_MIN_DAYS,
  FORECAST_MIN_WEEKS,
  FORECAST_SERIES,
  FORECAST_STEPS,
  type ForecastStep,
} from '../../core/contracts/results.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { parseDay, startOfWeek, wholeWeeks } from '../../core/runtime/local-time.ts'
import { ApiError } from '../api-error.ts'
import type { Principal } from '../auth/principal.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, scopeOf, todayOf } from './api-context.ts'
import { absenceField, absent, orderAbsence, readCompleteDays } from './panel-absence.ts'
import { readPast } from './past-days.ts'
import { idField } from './text-fields.ts'

export function forecastRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/forecast',
    summary: 'The next eight weeks',
    description:
      'The newest forecast of a series, in the tenant’s currency on the booked axis: of each of the 56 days behind the last complete one, or of each of the 8 weeks (from Monday) behind the last whole one, with intervals of 80 % and 95 %; the methods, and what they, the season before (seasonal naive: the same weekday a week before, the same week a year before) and the last day or week (naive) would have missed in the past. Null: there is none yet; `completeDays` says whether there are enough. `current`: it knows of every complete day, or week. A forecast is an estimate, no booked amount.',
    query: z.object({
      step: z
        .enum(FORECAST_STEPS)
        .default('day')
        .describe('What is forecast at once; weeks begin on Monday.'),
      series: z
        .enum(FORECAST_SERIES)
        .default('revenue')
        .describe('What is forecast; ticket: sales by orders.'),
      by: z.enum(FORECAST_DIMENSIONS).default('all').describe('What it is split by.'),
      key: idField.optional().describe('Value of the split; of a product its article number.'),
    }),
    answer: z.object({
      ...tenantField,
      step: z.enum(FORECAST_STEPS),
      series: z.enum(FORECAST_SERIES),
      by: z.enum(FORECAST_DIMENSIONS),
      key: text,
      currency: text,
      completeDays: z.number().describe('With a step of a week: those of whole weeks.'),
      neededDays: z.number(),
      forecast: forecast.nullable(),
      past: z.array(z.object({ day: text.describe('Of a week its Monday.'), value: decimalSum.nullable() })),
      choices: z.array(
        z.object({ series: z.enum(FORECAST_SERIES), by: z.enum(FORECAST_DIMENSIONS), key: text }),
      ),
      ...absenceField,
    }),
    async handle({ step, series, by, key = '' }, principal) {
      const { warehouse } = context
      const name: SeriesName = { series, dimension: by, key }
      const scope = { ...scopeOf(context, principal, 'booked'), ...name, step }
      const today = parseDay(todayOf(context, principal))
      const [days, names, model] = await Promise.all([
        readCompleteDays(context, principal),
        readForecastNames(warehouse, scope),
        readForecastModel(warehouse, scope),
      ])
      if (model === undefined && (by !== 'all' || key !== ''))
        throw new ApiError('NOT_FOUND', `There is no forecast of ${series} by ${by} ${key}`.trim())
      const completeDays = step === 'day' ? days : daysInWeeks(today - days, today)
      const neededDays = NEEDED_DAYS[step]
      const told = model === undefined ? NOTHING : await tell(warehouse, scope, model, today)
      return {
        ...{ tenant: scope.tenant, step, series, by, key, currency: scope.currency },
        ...{ completeDays, neededDays },
        ...told,
        choices: names.map(({ dimension, ...rest }) => ({ ...rest, by: dimension })),
        absence: await absenceOf(context, principal, {
          isThere: model !== undefined,
          completeDays,
          neededDays,
        }),
      }
    },
  })
}

async function absenceOf(
  context: ApiContext,
  principal: Principal,
  { isThere, completeDays, neededDays }: { isThere: boolean; completeDays: number; neededDays: number },
): Promise<PanelAbsence | null> {
  const found = await orderAbsence(context, principal, isThere)
  if (found?.reason !== 'waiting' || completeDays >= neededDays) return found
  return absent('history', completeDays, neededDays)
}

const NEEDED_DAYS: Record<ForecastStep, number> = { day: FORECAST_MIN_DAYS, week: 7 * FORECAST_MIN_WEEKS }

function daysInWeeks(from: number, until: number): number {
  const { first, last } = wholeWeeks(from, until - 1)
  return Math.max(0, last - first + 1)
}

const NOTHING = { forecast: null, past: [] }

async function tell(
  warehouse: Warehouse,
  scope: MoneyScope & SeriesName & { step: ForecastStep },
  found: ForecastModel,
  today: number,
): Promise<{ forecast: z.infer<typeof forecast>; past: PastValue[] }> {
  const { cutOff, revision, at, firstDay, days, model, methods, weights } = found
  const last = parseDay(cutOff)
  const [points, past] = await Promise.all([
    readForecastPoints(warehouse, { ...scope, cutOff, revision }),
    readPast(warehouse, scope, found),
  ])
  const complete = (scope.step === 'day' ? today : startOfWeek(today)) - 1
  const { origins, combination, seasonalNaive, naive, coverage80, coverage95, tested } = found
  return {
    forecast: {
      ...{ cutOff, current: last >= complete, madeAt: at, revision },
      history: { from: firstDay, days },
      model,
      methods: methods.map((method, i) => ({ method, weight: weights[i]! })),
      fallback: found.fallback || null,
      backtest: { origins, combination, seasonalNaive, naive, coverage80, coverage95, tested },
      points,
    },
    past,
  }
}

const share = z.number().nullable()
const accuracy = z.object({
  wape: share.describe('Missed by what there was, a share of 1.'),
  smape: share.describe('0 to 200.'),
  mase: share.describe(
    'By the error of the same weekday a week before, of weeks of the week before, within the history.',
  ),
})

const forecast = z.object({
  cutOff: text.describe('The last local day that it knows of.'),
  current: z.boolean(),
  madeAt: text,
  revision: z.number(),
  history: z.object({ from: text, days: z.number() }),
  model: text,
  methods: z.array(z.object({ method: text, weight: z.number() })),
  fallback: text.nullable().describe('Why fewer methods than usual had to do.'),
  backtest: z.object({
    origins: z.number(),
    combination: accuracy,
    seasonalNaive: accuracy,
    naive: accuracy,
    coverage80: share,
    coverage95: share,
    tested: z.number(),
  }),
  points: z.array(
    z.object({
      ...{ day: text.describe('Of a week its Monday.'), value: decimalSum },
      ...{ low80: decimalSum, high80: decimalSum, low95: decimalSum, high95: decimalSum },
    }),
  ),
})
