/** What customers are expected to order and to bring, and how long they stay. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type CohortMonth, readRetention } from '../../clickhouse/queries/read-retention.ts'
import { readValueList, VALUE_SORTS, type ValueSort } from '../../clickhouse/queries/read-value-list.ts'
import { readValueModel, type ValueModel } from '../../clickhouse/queries/read-values.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { parseDay } from '../../core/runtime/local-time.ts'
import { segmentId } from '../../core/segments/segment-rules.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, tenantOf, todayOf } from './api-context.ts'
import { cohortsField, firstMonth, monthName, monthNumber } from './cohort-months.ts'
import { type CursorValue, cursorField, readCursor, writeCursor } from './cursor.ts'
import { answerOf, checkDivision, divisionAnswer, divisionFields, divisionOf } from './division-fields.ts'
import { absenceField, customerAbsence } from './panel-absence.ts'
import { wholeField } from './query-fields.ts'
import { searchField } from './text-fields.ts'

/** What the sorted column looks like in a cursor. */
const CURSOR_OF: Record<ValueSort, CursorValue> = {
  ...{ value: 'amount', revenue: 'amount', orders: 'count', last: 'day', alive: 'share', churn: 'share' },
}

export function valueRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/customers/values',
    summary: 'Customers with what they are expected to bring',
    description:
      'All customers with orders that count, in the tenant’s currency: their segment (`mode` as live, if it is not said), revenue and orders so far, and by BG/NBD and Gamma-Gamma the probability that they still come (`alive`; `churnRisk` is the rest), the days with orders and the value expected in the 12 months behind `model.cutOff`. Estimates, no booked amounts. Null: they came after it. By page, the largest first; `total` is of all pages. `sql` asks the analysts’ views for the same.',
    query: z
      .object({
        sort: z
          .enum(VALUE_SORTS)
          .default('value')
          .describe('By expected value, revenue, orders, last order, or whether they still come.'),
        ...divisionFields,
        segment: segmentId.optional().describe('Only those in this segment, such as at-risk.'),
        q: searchField('the pseudonym'),
        limit: wholeField(1, 1_000, 100),
        cursor: cursorField,
      })
      .superRefine(checkDivision),
    answer: z.object({
      ...tenantField,
      currency: text,
      ...divisionAnswer,
      total: z.number(),
      customers: z.array(customer),
      next: text.nullable(),
      analytics: z
        .boolean()
        .describe('Off: REVWALL_ANALYTICS says so; nobody scores customers or fits their values.'),
      model: model.nullable(),
      sql: text,
      ...absenceField,
    }),
    async handle({ sort, segment, q, limit, cursor, ...asked }, principal) {
      const { warehouse, database } = context
      const { id: tenant, currency } = tenantOf(context, principal)
      const after = readCursor(cursor, { sort, value: CURSOR_OF[sort], keys: 1 })
      const division = await divisionOf(context, principal, asked)
      const scope = { database, tenant }
      const [list, found] = await Promise.all([
        readValueList(warehouse, { ...scope, division, sort, segment, search: q, limit, after }),
        readValueModel(warehouse, scope),
      ])
      const customers = list.rows.map((row) => ({ ...row, segment: row.segment || null }))
      const today = parseDay(todayOf(context, principal))
      return {
        ...{ tenant, currency, ...answerOf(context, division), total: list.total, customers },
        next: writeCursor(sort, list.next),
        analytics: context.analytics,
        model: found === undefined ? null : modelAnswer(found, today),
        sql: list.sql,
        absence: await customerAbsence(context, principal, found !== undefined),
      }
    },
  })

  defineRoute(app, {
    url: '/api/v1/retention',
    summary: 'Monthly cohorts and who of them came again',
    description:
      'Customers by the local month of their first order that counts, the oldest first; `after` 0 is that month, and what they brought in each month since, by sale day, in the tenant’s currency. Each has a cell for every month up to the present one, which is not over. `sql` asks the analysts’ views for the same.',
    query: z.object({ cohorts: cohortsField }),
    answer: z.object({
      ...tenantField,
      currency: text,
      month: text.describe('The present one, YYYY-MM.'),
      cohorts: z.array(
        z.object({
          month: text,
          customers: z.number(),
          cells: z.array(z.object({ after: z.number(), customers: z.number(), revenue: decimalSum })),
        }),
      ),
      sql: text,
      ...absenceField,
    }),
    async handle({ cohorts }, principal) {
      const { warehouse, database } = context
      const { id: tenant, currency } = tenantOf(context, principal)
      const month = todayOf(context, principal).slice(0, 7)
      const from = firstMonth(context, principal, cohorts)
      const { cells, sql } = await readRetention(warehouse, { database, tenant, currency, from })
      // It is read from the views, whoever computes beside them.
      const told = await customerAbsence({ ...context, analytics: true }, principal, cells.length > 0)
      const absence = told?.reason === 'waiting' ? null : told
      return { tenant, currency, month, cohorts: cohortsOf(cells, monthNumber(month)), sql, absence }
    },
  })
}

/** From the first one on, none left out: nobody began in some. What is after the present month has not come. */
function cohortsOf(cells: readonly CohortMonth[], present: number) {
  const first = Math.min(...cells.map(({ month }) => monthNumber(month)))
  const found = new Map(cells.map((cell) => [`${cell.month.slice(0, 7)} ${cell.after}`, cell]))
  return Array.from({ length: Math.max(0, present - first + 1) }, (_, at) => {
    const month = monthName(first + at)
    const told = Array.from({ length: present - first - at + 1 }, (_, after) => {
      const { customers = 0, revenue = '0' } = found.get(`${month} ${after}`) ?? {}
      return { after, customers, revenue }
    })
    return { month, customers: told[0]!.customers, cells: told }
  })
}

function modelAnswer(found: ValueModel, today: number): z.infer<typeof model> {
  const { cutOff, revision, customers, orders, bgNbd, gammaGamma, at } = found
  return {
    ...{ cutOff, current: parseDay(cutOff) >= today - 1, madeAt: at, revision, model: found.model },
    ...{ customers, orders, bgNbd, gammaGamma },
    refusal: found.refusal === '' ? null : { reason: found.refusal, message: found.refusalText },
    valueRefusal:
      found.valueRefusal === '' ? null : { reason: found.valueRefusal, message: found.valueRefusalText },
  }
}

const share = z.number().nullable()
const customer = z.object({
  customer: text,
  segment: text.nullable(),
  revenue: decimalSum,
  orders: z.number(),
  lastDay: text,
  alive: share,
  churnRisk: share,
  expectedOrders: z.number().nullable().describe('Days with orders.'),
  expectedValue: decimalSum.nullable(),
})

const fitted = { logLikelihood: z.number(), customers: z.number() }
const refusal = z.object({ reason: text, message: text }).nullable()
const model = z.object({
  cutOff: text.describe('The last local day that it knows of.'),
  current: z.boolean().describe('It knows of every complete day.'),
  madeAt: text,
  revision: z.number(),
  model: text,
  customers: z.number(),
  orders: z.number(),
  bgNbd: z
    .object({ r: z.number(), alpha: z.number(), a: z.number(), b: z.number(), ...fitted })
    .nullable()
    .describe('α is in weeks.'),
  refusal: refusal.describe('Why nothing is told of customers.'),
  gammaGamma: z.object({ p: z.number(), q: z.number(), v: z.number(), ...fitted }).nullable(),
  valueRefusal: refusal.describe('Why no value is told.'),
})
