/** Orders and customers: pages of them, and one order whole. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { CUSTOMER_SORTS, readCustomerList } from '../../clickhouse/queries/read-customer-list.ts'
import { MAX_HISTORY, readOrder } from '../../clickhouse/queries/read-order.ts'
import { ORDER_SORTS, readOrderList } from '../../clickhouse/queries/read-order-list.ts'
import { ORDER_STATUSES } from '../../core/contracts/status.ts'
import { text } from '../../core/contracts/wire.ts'
import { ApiError } from '../api-error.ts'
import { defineRoute } from '../define-route.ts'
import { rangeAnswer, tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, scopeOf, tenantOf } from './api-context.ts'
import { type CursorValue, cursorField, readCursor, writeCursor } from './cursor.ts'
import { customerAnswer, orderAnswer, orderRowAnswer } from './order-answers.ts'
import { axisField, checkRange, rangeFields, wholeField } from './query-fields.ts'
import { currencyField, equalField, idField, searchField, sourceField } from './text-fields.ts'

const pageFields = { limit: wholeField(1, 500, 50), cursor: cursorField }

const ORDER_VALUES: Record<(typeof ORDER_SORTS)[number], CursorValue> = {
  newest: 'instant',
  oldest: 'instant',
  largest: 'amount',
  smallest: 'amount',
}
const CUSTOMER_VALUES: Record<(typeof CUSTOMER_SORTS)[number], CursorValue> = {
  revenue: 'amount',
  orders: 'count',
  last: 'instant',
}

export function orderRoutes(app: FastifyInstance, context: ApiContext): void {
  const { warehouse } = context

  defineRoute(app, {
    url: '/api/v1/orders',
    summary: 'Orders by page and filter',
    description:
      'Present states of the orders that were placed on these days; filters combine. A page begins behind the last row of the page before, so that orders that come in meanwhile neither repeat nor hide any. `largest` and `smallest` are by what is left after refunds, in one currency.',
    query: z
      .object({
        ...rangeFields,
        status: z.enum(ORDER_STATUSES).optional(),
        country: equalField('Country'),
        channel: equalField('Channel'),
        source: sourceField.optional(),
        customer: equalField('Pseudonymous customer').describe('Pseudonymous customer; empty: guests.'),
        currency: currencyField.describe('Default: all; with sort=largest or smallest the tenant’s.'),
        q: searchField('the order’s id or the customer’s'),
        sort: z.enum(ORDER_SORTS).default('newest'),
        ...pageFields,
      })
      .superRefine(checkRange),
    answer: z.object({
      ...tenantField,
      from: text,
      to: text,
      total: z.number().describe('Of all pages.'),
      orders: z.array(orderRowAnswer),
      next: text.nullable().describe('Cursor of the next page; null: this is the last.'),
    }),
    async handle({ from, to, cursor, q, ...asked }, principal) {
      const range = rangeOf(context, principal, { from, to })
      const after = readCursor(cursor, { sort: asked.sort, value: ORDER_VALUES[asked.sort], keys: 2 })
      const isByAmount = ORDER_VALUES[asked.sort] === 'amount'
      const currency = asked.currency ?? (isByAmount ? tenantOf(context, principal).currency : undefined)
      const scope = { database: context.database, tenant: principal.tenant, ...range }
      const page = await readOrderList(warehouse, { ...scope, ...asked, currency, search: q, after })
      const { total, rows, next } = page
      return {
        tenant: principal.tenant,
        ...range,
        ...{ total, orders: rows, next: writeCursor(asked.sort, next) },
      }
    },
  })

  defineRoute(app, {
    url: '/api/v1/orders/:source/:id',
    summary: 'One order',
    description: `The order with its lines, payments and refunds, what is booked on which day, and its history: the newest ${MAX_HISTORY} changes that were accepted.`,
    params: z.object({ source: sourceField, id: idField }),
    query: z.object({}),
    answer: z.object({ ...tenantField, order: orderAnswer }),
    async handle(_query, { tenant }, { source, id }) {
      const order = await readOrder(warehouse, { database: context.database, tenant, source, orderId: id })
      if (order === null) throw new ApiError('NOT_FOUND', `There is no order ${id} of ${source}.`)
      return { tenant, order }
    },
  })

  defineRoute(app, {
    url: '/api/v1/customers',
    summary: 'Customers by what they brought',
    description:
      'Pseudonymous customers with an order in the range, in the tenant’s currency; no guests. Sorted by revenue, orders or the last order, the largest first. Ranks move while orders come in.',
    query: z
      .object({
        ...rangeFields,
        axis: axisField,
        currency: currencyField,
        q: searchField('the pseudonym'),
        sort: z.enum(CUSTOMER_SORTS).default('revenue'),
        ...pageFields,
      })
      .superRefine(checkRange),
    answer: z.object({
      ...rangeAnswer,
      total: z.number().describe('Of all pages; 0 on one behind the last.'),
      customers: z.array(customerAnswer),
      next: text.nullable(),
    }),
    async handle({ from, to, axis, currency, cursor, q, sort, limit }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const range = rangeOf(context, principal, { from, to })
      const head = { ...scope, ...range, currency: currency ?? scope.currency }
      const after = readCursor(cursor, { sort, value: CUSTOMER_VALUES[sort], keys: 1 })
      const page = await readCustomerList(warehouse, { ...head, database, sort, limit, search: q, after })
      return { ...head, total: page.total, customers: page.rows, next: writeCursor(sort, page.next) }
    },
  })
}
