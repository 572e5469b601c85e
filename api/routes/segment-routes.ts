/** Customers by segment: how many and what they bring, by day, who moved, one of them. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  readLastMoves,
  readSegmentDays,
  readSegmentMoves,
  readSegmentSums,
  type SegmentMoves,
} from '../../clickhouse/queries/read-segment-sums.ts'
import { readCustomerSegment } from '../../clickhouse/queries/read-segments.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { ApiError } from '../api-error.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, tenantOf } from './api-context.ts'
import { answerOf, checkDivision, divisionAnswer, divisionFields, divisionOf } from './division-fields.ts'
import { absenceField, absent, customerAbsence } from './panel-absence.ts'
import { checkRange, rangeFields, wholeField } from './query-fields.ts'
import { idField } from './text-fields.ts'

const MAX_LAST_MOVES = 200
const KEPT = 'Kept while a mode is the live one: of another one there is what was kept when it was.'

export function segmentRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/segments',
    summary: 'Customers by segment',
    description: `Now: customers with orders that count, by their scores of recency, frequency and revenue or by thresholds, in the tenant’s currency. In the range: how many moved from where to where (null: no segment), each move counted, and how the segments stood last on each day. ${KEPT} An order moves its customer within two seconds. \`sql\` asks the analysts’ views for the segments; \`functionSql\` is the function that it asks.`,
    query: z
      .object({ ...rangeFields, ...divisionFields })
      .superRefine(checkRange)
      .superRefine(checkDivision),
    answer: z.object({
      ...tenantField,
      from: text,
      to: text,
      currency: text,
      ...divisionAnswer,
      segments: z.array(z.object({ segment: text, ...sums })),
      moves: z.array(moves),
      days: z.array(day),
      sql: text,
      functionSql: text.nullable(),
      ...absenceField,
    }),
    async handle(asked, principal) {
      const { warehouse, database } = context
      const { id: tenant, currency } = tenantOf(context, principal)
      const range = rangeOf(context, principal, asked)
      const division = await divisionOf(context, principal, asked)
      const scope = { database, tenant, ...range, division }
      const [segments, moves, days] = await Promise.all([
        readSegmentSums(warehouse, scope),
        readSegmentMoves(warehouse, scope),
        readSegmentDays(warehouse, scope),
      ])
      return {
        ...{ tenant, ...range, currency, ...answerOf(context, division), segments: segments.rows },
        ...{ moves: moves.rows.map(named), days: days.rows, sql: segments.sql },
        functionSql: division.functionSql,
        absence: await customerAbsence(context, principal, segments.rows.length > 0),
      }
    },
  })

  defineRoute(app, {
    url: '/api/v1/segments/days',
    summary: 'Customers by segment over time',
    description: `How the segments stood last on each day of the range that has a word of it, with what their customers had brought by then, in the tenant’s currency. ${KEPT} \`sql\` asks the analysts’ views for the same.`,
    query: z
      .object({ ...rangeFields, ...divisionFields })
      .superRefine(checkRange)
      .superRefine(checkDivision),
    answer: z.object({
      ...{ ...tenantField, from: text, to: text, currency: text, ...divisionAnswer },
      days: z.array(day),
      sql: text,
      ...absenceField,
    }),
    async handle(asked, principal) {
      const { warehouse, database } = context
      const { id: tenant, currency } = tenantOf(context, principal)
      const range = rangeOf(context, principal, asked)
      const division = await divisionOf(context, principal, asked)
      const { rows, sql } = await readSegmentDays(warehouse, { database, tenant, ...range, division })
      const found = await customerAbsence(context, principal, rows.length > 0)
      const isLive = division.mode === context.segments
      const absence = found?.reason === 'waiting' && !isLive ? absent('mode') : found
      return { tenant, ...range, currency, ...answerOf(context, division), days: rows, sql, absence }
    },
  })

  defineRoute(app, {
    url: '/api/v1/segments/moves',
    summary: 'Moves between segments, and the last ones of them',
    description: `In the range: how many moved from where to where (null: no segment), each move counted whatever came after it; and the last ones, the newest first. \`revenue\` is what their customers had brought by then, in the tenant’s currency. ${KEPT} \`sql\` asks the analysts’ views for the first.`,
    query: z
      .object({ ...rangeFields, ...divisionFields, limit: wholeField(0, MAX_LAST_MOVES, 20) })
      .superRefine(checkRange)
      .superRefine(checkDivision),
    answer: z.object({
      ...{ ...tenantField, from: text, to: text, currency: text, ...divisionAnswer },
      moves: z.array(moves),
      last: z
        .array(
          z.object({
            ...{ customer: text, from: text.nullable(), to: text.nullable() },
            day: text.describe('The tenant’s local day then.'),
            at: text.describe('Wall clock when it was found.'),
            revenue: decimalSum,
          }),
        )
        .describe('At most `limit`.'),
      sql: text,
      ...absenceField,
    }),
    async handle({ limit, ...asked }, principal) {
      const { warehouse, database } = context
      const { id: tenant, currency } = tenantOf(context, principal)
      const range = rangeOf(context, principal, asked)
      const division = await divisionOf(context, principal, asked)
      const scope = { database, tenant, ...range, division }
      const [moves, last] = await Promise.all([
        readSegmentMoves(warehouse, scope),
        readLastMoves(warehouse, { ...scope, limit }),
      ])
      const found = await customerAbsence(context, principal, moves.rows.length > 0)
      // That nobody moved is an answer too.
      const none = division.mode === context.segments ? null : absent('mode')
      return {
        ...{ tenant, ...range, currency, ...answerOf(context, division) },
        ...{ moves: moves.rows.map(named), last: last.map(named), sql: moves.sql },
        absence: found?.reason === 'waiting' ? none : found,
      }
    },
  })

  defineRoute(app, {
    url: '/api/v1/customers/:customer/segment',
    summary: 'The segment of one customer',
    description:
      'Its scores, 1 to 5 with 5 the best, and the figures behind them: orders that count in the tenant’s currency. Null scores: no order of it counts any more.',
    params: z.object({ customer: idField }),
    query: z.object(divisionFields).superRefine(checkDivision),
    answer: z.object({
      ...tenantField,
      customer: text,
      ...divisionAnswer,
      segment: text.nullable(),
      recency: score,
      frequency: score,
      monetary: score,
      firstDay: text.nullable(),
      lastDay: text.nullable(),
      orders: z.number(),
      revenue: decimalSum,
      currency: text,
      at: text,
    }),
    async handle(asked, principal, { customer }) {
      const { warehouse, database } = context
      const { tenant } = principal
      const division = await divisionOf(context, principal, asked)
      const found = await readCustomerSegment(warehouse, { database, tenant, division }, customer)
      if (found === undefined)
        throw new ApiError('NOT_FOUND', `There is no customer ${customer} with orders.`)
      const { revision: _revision, mode: _mode, ...row } = found
      return {
        tenant,
        ...row,
        ...answerOf(context, division),
        segment: row.segment || null,
        recency: row.recency || null,
        frequency: row.frequency || null,
        monetary: row.monetary || null,
        firstDay: row.orders > 0 ? row.firstDay : null,
        lastDay: row.orders > 0 ? row.lastDay : null,
      }
    },
  })
}

const named = <Move extends Pick<SegmentMoves, 'from' | 'to'>>(move: Move) => ({
  ...move,
  from: move.from || null,
  to: move.to || null,
})

const sums = { customers: z.number(), revenue: decimalSum }
const moves = z.object({ from: text.nullable(), to: text.nullable(), ...sums })
const day = z.object({ day: text, segment: text, at: text, ...sums })
const score = z.number().nullable()
