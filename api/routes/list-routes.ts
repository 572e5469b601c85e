/** Ranked and latest rows. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readCountries } from '../../clickhouse/queries/read-countries.ts'
import { readLatest } from '../../clickhouse/queries/read-latest.ts'
import { readProducts } from '../../clickhouse/queries/read-products.ts'
import { countriesTile, latestTile, productsTile } from '../../core/contracts/tiles.ts'
import { defineRoute } from '../define-route.ts'
import { rangeAnswer, tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, scopeOf } from './api-context.ts'
import { axisField, checkRange, rangeFields, wholeField } from './query-fields.ts'

const rankQuery = z
  .object({ ...rangeFields, axis: axisField, limit: wholeField(1, 1_000, 20) })
  .superRefine(checkRange)

export function listRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/products',
    summary: 'Articles by revenue',
    description: 'Line amounts less returned ones, the largest first.',
    query: rankQuery,
    answer: z.object({ ...rangeAnswer, products: productsTile }),
    async handle({ axis, limit, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = { ...scope, ...rangeOf(context, principal, asked) }
      return { ...head, products: await readProducts(context.warehouse, { ...head, database, limit }) }
    },
  })

  defineRoute(app, {
    url: '/api/v1/countries',
    summary: 'Countries by revenue',
    description: 'Revenue and orders by the country of the order’s present state, the largest first.',
    query: rankQuery,
    answer: z.object({ ...rangeAnswer, countries: countriesTile }),
    async handle({ axis, limit, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = { ...scope, ...rangeOf(context, principal, asked) }
      return { ...head, countries: await readCountries(context.warehouse, { ...head, database, limit }) }
    },
  })

  defineRoute(app, {
    url: '/api/v1/orders/latest',
    summary: 'The latest entries',
    description:
      'Sales, edits, cancellations, refunds, credits and adjustments by their instant, the newest first.',
    query: z.object({ limit: wholeField(1, 500, 20) }),
    answer: z.object({ ...tenantField, entries: latestTile }),
    async handle({ limit }, { tenant }) {
      const { warehouse, database } = context
      return { tenant, entries: await readLatest(warehouse, { database, tenant, limit }) }
    },
  })
}
