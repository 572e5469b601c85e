/** Whether the numbers are right, and what is missing from them. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { countDeadLetters } from '../../clickhouse/queries/count-dead-letters.ts'
import { PROVABLE, PROVABLE_NAMES, proveFigure } from '../../clickhouse/queries/prove-figure.ts'
import { readDeadLetters } from '../../clickhouse/queries/read-dead-letters.ts'
import { readReconciliation } from '../../clickhouse/queries/read-reconciliation.ts'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { AXES, sourcesTile } from '../../core/contracts/tiles.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, scopeOf, todayOf } from './api-context.ts'
import { axisField, dayField, wholeField } from './query-fields.ts'
import { currencyField } from './text-fields.ts'

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
    url: '/api/v1/proof',
    summary: 'One figure of one day, proved',
    description:
      'As the views have it, and reckoned anew from the base table just now by another expression. `steady`: no batch landed between the two readings, so that a difference is drift. With the SQL of both, and up to which offset of each partition, and which moment of each source, it holds.',
    query: z.object({
      figure: z.enum(PROVABLE_NAMES).default('revenue').describe('What to prove.'),
      day: dayField.optional().describe('Local day; default: the tenant’s today.'),
      axis: axisField,
      currency: currencyField,
    }),
    answer: z.object({
      ...tenantField,
      figure: z.enum(PROVABLE_NAMES),
      day: text,
      axis: z.enum(AXES),
      currency: text,
      definition: text,
      fromViews: decimalSum,
      fromBase: decimalSum,
      difference: decimalSum,
      steady: z.boolean(),
      sql: text,
      baseSql: text,
      offsets: z.array(z.object({ partition: z.number(), last: z.number() })),
      sources: sourcesTile,
      at: text,
    }),
    async handle({ figure, axis, currency, ...asked }, principal) {
      const day = asked.day ?? todayOf(context, principal)
      const scope = scopeOf(context, principal, axis)
      const question = { ...scope, currency: currency ?? scope.currency, figure, day }
      const partitions = context.hub.partitions()
      const { marks, isSteady, ...proof } = await proveFigure(warehouse, { ...question, partitions })
      const { database: _, ...head } = question
      return {
        ...head,
        definition: PROVABLE[figure].definition,
        ...proof,
        difference: fromE4(sumToE4(proof.fromViews) - sumToE4(proof.fromBase)),
        steady: isSteady,
        offsets: marks.map(({ partition, last }) => ({ partition, last })),
        sources: context.hub.facts(principal.tenant).tiles().sources,
        at: new Date(context.clock.now()).toISOString(),
      }
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
