/** Orders that were found unusual as they came. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readAnomalies, readScoringDays } from '../../clickhouse/queries/read-anomalies.ts'
import { readIncidentsById, type StoredIncident } from '../../clickhouse/queries/read-incidents.ts'
import { SEVERITIES } from '../../core/contracts/results.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import type { Principal } from '../auth/principal.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import type { ApiContext } from './api-context.ts'
import { cursorField, readCursor, writeCursor } from './cursor.ts'
import { absenceField, absent, orderAbsence } from './panel-absence.ts'
import { wholeField } from './query-fields.ts'

/** All pages have the one order. */
const SORT = 'newest'
const count = z.number()

export function anomalyRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/anomalies',
    summary: 'Unusual orders',
    description:
      'Orders that stood out among the tenant’s when they came, the newest found first, with the reasons in words and what they were compared with. `watching` says what is judged: until `seen` reaches `needed` orders a model is learning and nothing is told; the counts are of the tenant’s present day. Null: nothing has been looked at yet.',
    query: z.object({
      minScore: z
        .string()
        .regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, 'a score from 0 to 1')
        .transform(Number)
        .default(0)
        .describe('Only those with this score or more.'),
      severity: z.enum(SEVERITIES).optional().describe('Only those; default: all.'),
      limit: wholeField(1, 500, 50),
      cursor: cursorField,
    }),
    answer: z.object({
      ...tenantField,
      watching: z
        .object({
          ...{ day: text, seen: count, needed: count, modelVersion: count, budget: count },
          ...{ scored: count, told: count, withheld: count, learned: count, skipped: count },
        })
        .nullable(),
      total: count.describe('Of all pages; 0 on one behind the last.'),
      anomalies: z.array(
        z.object({
          ...{ eventId: text, source: text, orderId: text, placedAt: text, detectedAt: text },
          ...{ severity: z.enum(SEVERITIES), score: count, threshold: count, currency: text },
          ...{ observed: decimalSum, expected: decimalSum.nullable() },
          ...{ reasons: z.array(text), reasonsPt: z.array(text), modelVersion: count },
          contributors: z.array(z.object({ feature: text, weight: count })),
          acknowledgedBy: text.nullable().describe('Who looks after it; null: nobody said so.'),
          silence: z.object({ owner: text, until: text }).nullable(),
        }),
      ),
      next: text.nullable(),
      ...absenceField,
    }),
    async handle({ cursor, ...asked }, principal) {
      const { tenant } = principal
      const { warehouse, database } = context
      const after = readCursor(cursor, { sort: SORT, value: 'instant', keys: 1 })
      const [page, [scoring]] = await Promise.all([
        readAnomalies(warehouse, { database, tenant, ...asked, after }),
        readScoringDays(warehouse, { database, tenant }),
      ])
      const ids = page.rows.map(({ eventId }) => eventId)
      const taken = await readIncidentsById(warehouse, { database, tenant }, ids)
      const takenUp = new Map(taken.map((one) => [one.alertId, one]))
      return {
        tenant,
        watching: scoring === undefined ? null : watchingOf(scoring),
        ...{
          total: page.total,
          anomalies: page.rows.map((row) => ({ ...row, ...handledOf(takenUp.get(row.eventId)) })),
          next: writeCursor(SORT, page.next),
        },
        absence: await absenceOf(context, principal, scoring),
      }
    },
  })
}

type Scoring = Awaited<ReturnType<typeof readScoringDays>>[number]

function watchingOf({ tenant: _tenant, step: _step, ...counts }: Scoring) {
  return counts
}

async function absenceOf(context: ApiContext, principal: Principal, scoring: Scoring | undefined) {
  const found = await orderAbsence(context, principal, scoring !== undefined)
  if (found !== null || scoring === undefined || scoring.modelVersion > 0) return found
  return absent('learning', Math.min(scoring.seen, scoring.needed), scoring.needed)
}

/** An order that nobody took up has no incident. */
function handledOf(incident: StoredIncident | undefined) {
  const { acknowledgedBy = null, silence = null } = incident ?? {}
  return { acknowledgedBy, silence: silence === null ? null : { owner: silence.owner, until: silence.until } }
}
