/** Ranges split by one thing: breakdowns, sales representatives, articles, the hours of the week. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { DIMENSIONS, readBreakdown } from '../../clickhouse/queries/read-breakdown.ts'
import { readFirstDay } from '../../clickhouse/queries/read-first-day.ts'
import { readProfile } from '../../clickhouse/queries/read-profile.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { defineRoute } from '../define-route.ts'
import { rangeAnswer } from './answer-fields.ts'
import { type ApiContext, nowOf, rangeOf, scopeOf, tenantOf } from './api-context.ts'
import { axisField, checkRange, rangeFields, wholeField } from './query-fields.ts'
import { currencyField } from './text-fields.ts'

const rankFields = {
  ...rangeFields,
  axis: axisField,
  currency: currencyField,
  limit: wholeField(1, 1_000, 20),
}

export function breakdownRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/breakdown',
    summary: 'A range by region, state, country, channel, sales representative or status',
    description:
      'The largest values by revenue, the rest summed as `other`; they add up to `total`, which is the headline. An empty value was not told. Values are those of the orders’ present state; `placed` counts on the day of the sale whether an order counts or not, whatever the axis.',
    query: z
      .object({
        ...rankFields,
        dimension: z.enum(DIMENSIONS).default('country').describe('What to split by.'),
      })
      .superRefine(checkRange),
    answer: z.object({
      ...rangeAnswer,
      dimension: z.enum(DIMENSIONS),
      values: z.array(z.object({ value: text, ...sums })),
      other: z.object({ values: z.number(), ...sums }).nullable(),
      total: z.object(sums),
    }),
    async handle({ axis, currency, dimension, limit, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = { ...scope, ...rangeOf(context, principal, asked), currency: currency ?? scope.currency }
      const question = { ...head, database, dimension, limit }
      return { ...head, dimension, ...(await readBreakdown(context.warehouse, question)) }
    },
  })

  defineRoute(app, {
    url: '/api/v1/reps',
    summary: 'Sales representatives with their commission base',
    description:
      'By revenue. The commission base is revenue (net of refunds) less shipping and tax as told: taken off with the order and put back with its cancellation; of an order of which all went back nothing is taken off. An empty `rep`: orders without one.',
    query: z.object(rankFields).superRefine(checkRange),
    answer: z.object({
      ...rangeAnswer,
      reps: z.array(z.object({ rep: text, ...repSums })),
      other: z.object({ reps: z.number(), ...repSums }).nullable(),
      total: z.object(repSums),
    }),
    async handle({ axis, currency, limit, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = { ...scope, ...rangeOf(context, principal, asked), currency: currency ?? scope.currency }
      const question = { ...head, database, dimension: 'rep' as const, limit }
      const { values, other, total } = await readBreakdown(context.warehouse, question)
      return {
        ...head,
        reps: values.map(({ value, placed: _, ...rest }) => ({ rep: value, ...rest })),
        other: other && repOther(other),
        total: withoutPlaced(total),
      }
    },
  })

  defineRoute(app, {
    url: '/api/v1/profile',
    summary: 'The week by hours',
    description:
      'What each hour of each weekday brings on average, by the tenant’s clock; only hours that are over, and none before the first day with data. `weeks` is how many days are behind a cell, `hours` how long they lasted: an hour that a clock change skips counts for none, one that it repeats for two.',
    query: z.object({ ...rangeFields, axis: axisField, currency: currencyField }).superRefine(checkRange),
    answer: z.object({ ...rangeAnswer, timeZone: text, cells: z.array(profileCell) }),
    async handle({ axis, currency, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const { timeZone } = tenantOf(context, principal)
      const head = { ...scope, ...rangeOf(context, principal, asked), currency: currency ?? scope.currency }
      const first = await readFirstDay(context.warehouse, { database, tenant: scope.tenant })
      const from = first !== null && first > head.from ? first : head.from
      const question = { ...head, from, database, timeZone, nowMs: nowOf(context, principal) }
      return { ...head, from, timeZone, cells: await readProfile(context.warehouse, question) }
    },
  })
}

const repSums = {
  revenue: decimalSum,
  sales: decimalSum,
  refunds: decimalSum,
  orders: z.number(),
  units: decimalSum,
  commissionBase: decimalSum,
}
const sums = { ...repSums, placed: z.number() }

const profileCell = z.object({
  weekday: z.number().describe('1 is Monday.'),
  hour: z.number(),
  weeks: z.number(),
  hours: decimalSum,
  revenue: decimalSum,
  orders: z.number(),
  revenuePerHour: decimalSum.nullable(),
  ordersPerHour: decimalSum.nullable(),
})

type Sums = z.infer<z.ZodObject<typeof sums>>

const withoutPlaced = ({ placed: _, ...rest }: Sums) => rest
const repOther = ({ values, ...rest }: Sums & { values: number }) => ({
  reps: values,
  ...withoutPlaced(rest),
})
