/** Any range, held to any of its sides. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { EXPLORE_SIDES, exploreRange } from '../../clickhouse/queries/explore-range.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { defineRoute } from '../define-route.ts'
import { rangeAnswer } from './answer-fields.ts'
import { type ApiContext, rangeOf, scopeOf } from './api-context.ts'
import { axisField, checkRange, rangeFields, wholeField } from './query-fields.ts'
import { currencyField, equalField, sourceField } from './text-fields.ts'

export function exploreRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/explore',
    summary: 'A range by day and by one side, filtered',
    description:
      'Sums of the orders that have all the given values (of their present state), by day and by `by`: the largest values, the rest as `others`, so that they add up to `total`. Answered from the views where the filters are source and country alone, else reckoned from every change.',
    query: z
      .object({
        ...rangeFields,
        axis: axisField,
        currency: currencyField,
        by: z.enum(EXPLORE_SIDES).default('country').describe('What to split by.'),
        source: sourceField.optional(),
        channel: equalField('Channel'),
        country: equalField('Country'),
        region: equalField('Region'),
        state: equalField('State or province'),
        rep: equalField('Sales representative'),
        customer: equalField('Pseudonymous customer').describe('Pseudonymous customer; empty: guests.'),
        limit: wholeField(1, 200, 20),
      })
      .superRefine(checkRange),
    answer: z.object({
      ...rangeAnswer,
      by: z.enum(EXPLORE_SIDES),
      currencies: z.array(text).describe('All that the range has.'),
      total: z.object(sums),
      days: z.array(z.object({ day: text, ...sums })),
      values: z.array(z.object({ value: text.describe('Empty: not told.'), ...sums })),
      others: z.object({ values: z.number(), ...sums }).nullable(),
    }),
    async handle({ axis, currency, from, to, by, limit, ...filters }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = {
        ...scope,
        ...rangeOf(context, principal, { from, to }),
        currency: currency ?? scope.currency,
      }
      return {
        ...head,
        by,
        ...(await exploreRange(context.warehouse, { ...head, database, by, filters, limit })),
      }
    },
  })
}

const sums = {
  revenue: decimalSum,
  sales: decimalSum,
  refunds: decimalSum,
  orders: z.number(),
  units: decimalSum,
}
