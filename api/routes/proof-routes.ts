/** Whether the numbers are right, and what is missing from them. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { countDeadLetters } from '../../clickhouse/queries/count-dead-letters.ts'
import { readDeadLetters } from '../../clickhouse/queries/read-dead-letters.ts'
import { readReconciliation } from '../../clickhouse/queries/read-reconciliation.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import type { ApiContext } from './api-context.ts'
import { wholeField } from './query-fields.ts'

export function proofRoutes(app: FastifyInstance, context: ApiContext): void {
  const { warehouse, database } = context

  defineRoute(app, {
    url: '/api/v1/reconciliation',
    summary: 'Views against the base table',
    description: 'The last comparison of each view: how many buckets, how many differed and by how much.',
    query: z.object({}),
    answer: z.object({ ...tenantField, views: z.array(viewAnswer) }),
    async handle(_query, { tenant }) {
      return { tenant, views: await readReconciliation(warehouse, { database, tenant }) }
    },
  })

  defineRoute(app, {
    url: '/api/v1/dead-letters',
    summary: 'Records that could not be taken',
    description: 'By page, the newest first, with their number by reason. Long records are cut.',
    query: z.object({ offset: wholeField(0, 1_000_000, 0), limit: wholeField(1, 200, 50) }),
    answer: z.object({
      ...tenantField,
      total: z.number(),
      byReason: z.record(text, z.number()),
      letters: z.array(letterAnswer),
    }),
    async handle(page, { tenant }) {
      const [counts, letters] = await Promise.all([
        countDeadLetters(warehouse, { database, tenant }),
        readDeadLetters(warehouse, { database, tenant, ...page }),
      ])
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
      return { tenant, total, byReason: Object.fromEntries(counts), letters }
    },
  })
}

const viewAnswer = z.object({
  view: text,
  at: text,
  scope: text,
  buckets: z.number(),
  drifted: z.number(),
  drift: decimalSum,
  mended: z.boolean(),
  example: text,
})

const letterAnswer = z.object({
  source: text,
  origin: text,
  reason: text,
  detail: text,
  at: text,
  payload: text,
  payloadSize: z.number(),
  encoding: text,
})
