/** Ranked and latest rows. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readCountries } from '../../clickhouse/queries/read-countries.ts'
import { readLatest } from '../../clickhouse/queries/read-latest.ts'
import { PRODUCT_SORTS, readProductList } from '../../clickhouse/queries/read-product-list.ts'
import { countriesTile, latestTile, productsTile } from '../../core/contracts/tiles.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { defineRoute } from '../define-route.ts'
import { rangeAnswer, tenantField } from './answer-fields.ts'
import { type ApiContext, rangeOf, scopeOf } from './api-context.ts'
import { axisField, checkRange, rangeFields, wholeField } from './query-fields.ts'
import { currencyField, searchField } from './text-fields.ts'

const rankQuery = z
  .object({ ...rangeFields, axis: axisField, limit: wholeField(1, 1_000, 20) })
  .superRefine(checkRange)

export function listRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/products',
    summary: 'Articles with revenue, cost and profit',
    description:
      'Line amounts less returned ones, by page, sorted by revenue, units, profit (the largest first) or name. Cost and profit are of the lines whose cost is known; `coverage` says which part of the revenue these are, `profitReason` why there is none. `total` is of all articles that match.',
    query: z
      .object({
        ...rangeFields,
        axis: axisField,
        currency: currencyField,
        q: searchField('the article’s number or name'),
        sort: z.enum(PRODUCT_SORTS).default('revenue'),
        limit: wholeField(1, 1_000, 20),
        offset: wholeField(0, 1_000_000, 0),
      })
      .superRefine(checkRange),
    answer: z.object({
      ...rangeAnswer,
      total: z.object({ articles: z.number(), revenue: decimalSum, units: decimalSum, ...profitFields }),
      products: z.array(productsTile.element.extend({ category: text, ...profitFields })),
    }),
    async handle({ axis, currency, q, sort, limit, offset, ...asked }, principal) {
      const { database, ...scope } = scopeOf(context, principal, axis)
      const head = { ...scope, ...rangeOf(context, principal, asked), currency: currency ?? scope.currency }
      const question = { ...head, database, search: q ?? '', sort, limit, offset }
      return { ...head, ...(await readProductList(context.warehouse, question)) }
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

const profitFields = {
  cost: decimalSum.nullable(),
  profit: decimalSum.nullable(),
  coverage: decimalSum.nullable(),
  profitReason: text.nullable(),
}
