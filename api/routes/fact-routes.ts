/** What takes facts beside the orders: rates, and what sources tell of a customer. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { MAX_RATE_AGE_DAYS } from '../../clickhouse/queries/convert-totals.ts'
import { readConverted } from '../../clickhouse/queries/read-converted.ts'
import { readCustomer } from '../../clickhouse/queries/read-customer.ts'
import { readCustomerValue } from '../../clickhouse/queries/read-values.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { ApiError } from '../api-error.ts'
import { defineRoute } from '../define-route.ts'
import { rangeAnswer, tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, scopeOf } from './api-context.ts'
import { axisField, checkRange, rangeFields } from './query-fields.ts'
import { currencyField, idField } from './text-fields.ts'

export function factRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/converted',
    summary: 'Revenue of all currencies in one',
    description: `Each day’s revenue of each currency at the rate of that day, which is shown, rounded half-even at 4 decimals and then added. The rate is the newest at or before the day, at most ${MAX_RATE_AGE_DAYS} days old; what has none is listed as missing and is not in the total.`,
    query: z.object({ ...rangeFields, axis: axisField, to_currency: currencyField }).superRefine(checkRange),
    answer: z.object({ ...rangeAnswer, maxRateAgeDays: z.number(), ...convertedAnswer }),
    async handle({ axis, to_currency, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = {
        ...scope,
        ...rangeOf(context, principal, asked),
        currency: to_currency ?? scope.currency,
      }
      const question = { ...head, database, to_currency: head.currency }
      const converted = await readConverted(context.warehouse, question)
      return { ...head, maxRateAgeDays: MAX_RATE_AGE_DAYS, ...converted }
    },
  })

  defineRoute(app, {
    url: '/api/v1/customers/:customer',
    summary: 'One customer',
    description:
      'What each source tells of the person behind a pseudonym (personal data; empty once erased), and what it bought in all, by currency. `value`: what it is expected to bring in 12 months, an estimate in the tenant’s currency; null: nothing is told of it.',
    params: z.object({ customer: idField }),
    query: z.object({ axis: axisField }),
    answer: z.object({
      ...tenantField,
      customer: text,
      profiles: z.array(profileAnswer),
      sums: z.array(sumsAnswer),
      value: valueAnswer.nullable(),
    }),
    async handle({ axis }, principal, { customer }) {
      const { database, tenant } = scopeOf(context, principal, axis)
      const scope = { database, tenant, axis, customer }
      const [found, value] = await Promise.all([
        readCustomer(context.warehouse, scope),
        readCustomerValue(context.warehouse, scope),
      ])
      if (found.profiles.length + found.sums.length === 0)
        throw new ApiError('NOT_FOUND', `There is no customer ${customer}.`)
      return { tenant, customer, ...found, value: value ?? null }
    },
  })
}

const missingAnswer = z.object({ day: text, currency: text, amount: decimalSum })
const rateAnswer = z.object({ rate: text, day: text.describe('The day of the rate.'), provider: text })
const convertedAnswer = {
  total: decimalSum.describe('Of what could be converted.'),
  complete: z.boolean().describe('Nothing is missing from it.'),
  currencies: z.array(
    z.object({
      currency: text,
      amount: decimalSum.describe('Of all its days, in its own units.'),
      converted: decimalSum.nullable().describe('Of the days that have a rate; null where none has.'),
      complete: z.boolean(),
      days: z.array(
        z.object({
          day: text,
          amount: decimalSum,
          rate: rateAnswer.nullable(),
          converted: decimalSum.nullable(),
        }),
      ),
    }),
  ),
  missing: z.array(missingAnswer),
}

const profileAnswer = z.object({
  source: text,
  externalCustomer: text,
  name: text,
  email: text,
  phone: text,
  country: text,
  region: text,
  createdAt: text.nullable(),
  changedAt: text,
  erasedAt: text.nullable(),
})
const valueAnswer = z.object({
  cutOff: text.describe('The last local day that it knows of.'),
  alive: z.number(),
  churnRisk: z.number(),
  expectedOrders: z.number().describe('Days with orders.'),
  expectedValue: decimalSum.nullable(),
})
const sumsAnswer = z.object({
  currency: text,
  orders: z.number(),
  revenue: decimalSum,
  firstDay: text,
  lastDay: text,
})
