/** Sums over ranges of days. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CHART_STEP_MINUTES, readChart } from '../../clickhouse/queries/read-chart.ts'
import { readFigures } from '../../clickhouse/queries/read-figures.ts'
import { readLines } from '../../clickhouse/queries/read-lines.ts'
import { readTotals } from '../../clickhouse/queries/read-totals.ts'
import { AXES, figures, heroTile } from '../../core/contracts/tiles.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { parseDay } from '../../core/runtime/local-time.ts'
import { defineRoute } from '../define-route.ts'
import { chartDay } from '../live/day-window.ts'
import { rangeAnswer, tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, scopeOf, tenantOf, todayOf } from './api-context.ts'
import { axisField, checkRange, dayField, rangeFields } from './query-fields.ts'

const rangeQuery = z.object({ ...rangeFields, axis: axisField }).superRefine(checkRange)

export function figureRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/headline',
    summary: 'Headline numbers of a range of days',
    description:
      'Revenue, sales, refunds, orders, ticket, units, customers and guests in the tenant’s currency.',
    query: rangeQuery,
    answer: z.object({ ...rangeAnswer, figures, otherCurrencies: heroTile.shape.otherCurrencies }),
    async handle({ axis, ...asked }, principal) {
      const range = rangeOf(context, principal, asked)
      const scope = scopeOf(context, principal, axis)
      const [answer] = await readFigures(context.warehouse, scope, [range])
      return { ...headOf(scope), ...range, ...answer! }
    },
  })

  defineRoute(app, {
    url: '/api/v1/series',
    summary: 'The line of a day',
    description: 'Cumulative revenue at the end of each step since local midnight, for the whole day.',
    query: z.object({
      day: dayField.optional().describe('Local day; default: today.'),
      axis: axisField,
      step: z.enum(['1', '5']).default('5').describe('Minutes.'),
    }),
    answer: z.object({
      ...tenantField,
      day: text,
      axis: z.enum(AXES),
      currency: text,
      startsAt: text.describe('The instant at which the day begins.'),
      stepMinutes: z.number(),
      revenue: z.array(decimalSum),
    }),
    async handle({ axis, step, ...asked }, principal) {
      const day = asked.day ?? todayOf(context, principal)
      const scope = scopeOf(context, principal, axis)
      const { timeZone } = tenantOf(context, principal)
      const stepMinutes = step === '1' ? 1 : CHART_STEP_MINUTES
      const whole = chartDay(parseDay(day), timeZone)
      const [revenue] = await readChart(context.warehouse, scope, [whole], stepMinutes)
      const startsAt = new Date(whole.startMs).toISOString()
      return { ...headOf(scope), day, startsAt, stepMinutes, revenue: revenue! }
    },
  })

  defineRoute(app, {
    url: '/api/v1/totals',
    summary: 'Totals by month and country',
    description:
      'Sums of a range: whole, by month, by country and by both, and the number of lines of the orders that were placed in it (of their refunds too).',
    query: rangeQuery,
    answer: z.object({
      ...rangeAnswer,
      lines: z.number(),
      total: z.object(totalFields),
      byMonth: z.array(z.object({ month: text, ...totalFields })),
      byCountry: z.array(z.object({ country: text, ...totalFields })),
      byMonthAndCountry: z.array(z.object({ month: text, country: text, ...totalFields })),
    }),
    async handle({ axis, ...asked }, principal) {
      const range = rangeOf(context, principal, asked)
      const scope = { ...scopeOf(context, principal, axis), ...range }
      const [totals, lines] = await Promise.all([
        readTotals(context.warehouse, scope),
        readLines(context.warehouse, scope),
      ])
      return { ...headOf(scope), ...range, lines, ...totals }
    },
  })
}

const totalFields = {
  revenue: decimalSum,
  sales: decimalSum,
  refunds: decimalSum,
  orders: z.number(),
  units: decimalSum,
}

const headOf = ({ tenant, axis, currency }: ReturnType<typeof scopeOf>) => ({ tenant, axis, currency })
