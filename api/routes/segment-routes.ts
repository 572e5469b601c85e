/** Customers by segment: how many and what they bring, who moved, one of them. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  readCustomerSegment,
  readSegmentDays,
  readSegmentMoves,
  readSegmentSums,
} from '../../clickhouse/queries/read-segments.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { ApiError } from '../api-error.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, tenantOf } from './api-context.ts'
import { checkRange, rangeFields } from './query-fields.ts'
import { idField } from './text-fields.ts'

export function segmentRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/segments',
    summary: 'Customers by segment',
    description:
      'Now: customers with orders that count, by their scores of recency, frequency and revenue, in the tenant’s currency. In the range: how many moved from where to where (null: no segment), each move counted, and how the segments stood last on each day. An order moves its customer within two seconds.',
    query: z.object(rangeFields).superRefine(checkRange),
    answer: z.object({
      ...tenantField,
      from: text,
      to: text,
      currency: text,
      segments: z.array(z.object({ segment: text, ...sums })),
      moves: z.array(z.object({ from: text.nullable(), to: text.nullable(), ...sums })),
      days: z.array(z.object({ day: text, segment: text, at: text, ...sums })),
    }),
    async handle(asked, principal) {
      const { warehouse, database } = context
      const { id: tenant, currency } = tenantOf(context, principal)
      const range = rangeOf(context, principal, asked)
      const scope = { database, tenant, ...range }
      const [segments, moves, days] = await Promise.all([
        readSegmentSums(warehouse, scope),
        readSegmentMoves(warehouse, scope),
        readSegmentDays(warehouse, scope),
      ])
      const named = moves.map(({ from, to, ...rest }) => ({ from: from || null, to: to || null, ...rest }))
      return { tenant, ...range, currency, segments, moves: named, days }
    },
  })

  defineRoute(app, {
    url: '/api/v1/customers/:customer/segment',
    summary: 'The segment of one customer',
    description:
      'Its scores, 1 to 5 with 5 the best, and the figures behind them: orders that count in the tenant’s currency. Null scores: no order of it counts any more.',
    params: z.object({ customer: idField }),
    query: z.object({}),
    answer: z.object({
      ...tenantField,
      customer: text,
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
    async handle(_, { tenant }, { customer }) {
      const { warehouse, database } = context
      const found = await readCustomerSegment(warehouse, { database, tenant }, customer)
      if (found === undefined)
        throw new ApiError('NOT_FOUND', `There is no customer ${customer} with orders.`)
      const { revision: _revision, ...row } = found
      return {
        tenant,
        ...row,
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

const sums = { customers: z.number(), revenue: decimalSum }
const score = z.number().nullable()
