/** What the panels of the analytics say, beside what an analyst's SQL makes of it now. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type Claim, proveClaims } from '../../clickhouse/queries/prove-claim.ts'
import { placeOf } from '../../clickhouse/queries/prove-figure.ts'
import { readMarks } from '../../clickhouse/queries/read-marks.ts'
import { PROVED_CLAIMS, PROVED_PANELS, type ProvedPanel, VERDICTS } from '../../core/contracts/panels.ts'
import { FORECAST_DIMENSIONS, FORECAST_SERIES, FORECAST_STEPS } from '../../core/contracts/results.ts'
import { AXES, sourcesTile } from '../../core/contracts/tiles.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import type { Principal } from '../auth/principal.ts'
import { defineRoute } from '../define-route.ts'
import { dayWindow } from '../live/day-window.ts'
import { readPace } from '../live/read-pace-tile.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, nowOf, scopeOf, tenantOf } from './api-context.ts'
import { cohortsField, firstMonth } from './cohort-months.ts'
import { divisionOf } from './division-fields.ts'
import { incidentClaims } from './incident-claims.ts'
import { anomalyClaims, forecastClaims, paceClaims, retentionClaims, segmentClaims } from './panel-claims.ts'
import { idField } from './text-fields.ts'
import { valueClaims } from './value-claims.ts'

const query = z.object({
  panel: z.enum(PROVED_PANELS).default('segments').describe('Whose numbers.'),
  series: z.enum(FORECAST_SERIES).default('revenue').describe('Of the forecast.'),
  step: z.enum(FORECAST_STEPS).default('day').describe('Of the forecast.'),
  by: z.enum(FORECAST_DIMENSIONS).default('all').describe('Of the forecast.'),
  key: idField.optional().describe('Of the forecast.'),
  cohorts: cohortsField.describe('Of retention.'),
})

export function panelProofRoutes(app: FastifyInstance, context: ApiContext): void {
  const { warehouse, clock, hub } = context

  defineRoute(app, {
    url: '/api/v1/panel-proof',
    summary: 'What a panel says, proved',
    description:
      'The numbers of a panel as it shows them, beside what `sql` makes of them at this moment, which an analyst can run as it stands: over the base table where they are made of orders, over the stored rows where they are estimates. `exact`: no difference. `since`: the number is of the moment `asOf`, and orders that came later have changed what it was made from. `moving`: batches landed between the two readings. `apart`: none of that explains it. No claim: nothing has been computed for the panel.',
    query,
    answer: z.object({
      ...{ ...tenantField, panel: z.enum(PROVED_PANELS), currency: text, axis: z.enum(AXES) },
      claims: z.array(
        z.object({
          ...{ id: z.enum(PROVED_CLAIMS), definition: text, unit: z.enum(['money', 'count']) },
          ...{ shown: decimalSum, recomputed: decimalSum, difference: decimalSum },
          ...{ verdict: z.enum(VERDICTS), sql: text, asOf: text.nullable() },
        }),
      ),
      sources: sourcesTile,
      at: text,
    }),
    async handle(asked, principal) {
      const scope = scopeOf(context, principal, 'booked')
      const partitions = hub.partitions()
      const claims = await proveClaims(warehouse, scope, {
        clock,
        claims: () => CLAIMS[asked.panel](context, principal, asked),
        place: async () =>
          placeOf(await readMarks(warehouse, { database: scope.database, topic: 'orders', partitions })),
      })
      return {
        ...{ tenant: scope.tenant, panel: asked.panel, currency: scope.currency, axis: scope.axis },
        claims: claims.map((claim) => ({ ...claim, definition: DEFINITIONS[claim.id] })),
        sources: hub.facts(principal.tenant).tiles().sources,
        at: new Date(clock.now()).toISOString(),
      }
    },
  })
}

type Asked = z.infer<typeof query>
type ReadClaims = (context: ApiContext, principal: Principal, asked: Asked) => Promise<Claim[]>

const scopeIn = (context: ApiContext, principal: Principal) => scopeOf(context, principal, 'booked')

const segments: ReadClaims = async (context, principal) => {
  const division = await divisionOf(context, principal, {})
  return segmentClaims(context.warehouse, scopeIn(context, principal), division)
}

const CLAIMS: Record<ProvedPanel, ReadClaims> = {
  segments,
  values: async (context, principal, asked) => [
    ...(await segments(context, principal, asked)),
    ...(await valueClaims(context.warehouse, scopeIn(context, principal))),
  ],
  retention: (context, principal, { cohorts }) =>
    retentionClaims(context.warehouse, scopeIn(context, principal), firstMonth(context, principal, cohorts)),
  forecast: (context, principal, { step, series, by, key = '' }) =>
    forecastClaims(context.warehouse, { ...scopeIn(context, principal), step, series, dimension: by, key }),
  incidents: (context, principal) => incidentClaims(context.warehouse, scopeIn(context, principal)),
  anomalies: (context, principal) => anomalyClaims(context.warehouse, scopeIn(context, principal)),
  pace: async (context, principal) => {
    const { warehouse, analytics, clock } = context
    const { timeZone } = tenantOf(context, principal)
    const { today, elapsedMinutes } = dayWindow(nowOf(context, principal), timeZone)
    const scope = scopeIn(context, principal)
    const asked = { ...scope, day: today.day, minutes: elapsedMinutes, analytics, clock }
    return paceClaims(scope, today.day, await readPace(warehouse, asked))
  },
}

const DEFINITIONS: Record<Claim['id'], string> = {
  'segment-customers': 'Customers with an order that counts, guests left out: those of all segments.',
  'segment-revenue': 'What these customers have brought, net of refunds: that of all segments.',
  fitted: 'Customers whose purchases the model was fitted to, up to its last complete day.',
  'expected-orders':
    'Days with orders expected of all customers in the 12 months behind the last complete day, added up: by the fitted model, from their orders.',
  'expected-value': 'What these are expected to bring, added up, in the same way.',
  retained: 'Customers who bought in a month, of all cells of the cohorts: each cell counts.',
  'cohort-revenue': 'What the cohorts brought, of all cells.',
  'forecast-days': 'The days, or weeks, of this forecast, added up as they were stored: each of them counts.',
  'forecast-past': 'What came on the days, or in the weeks, that are drawn before the forecast, added up.',
  'incidents-open': 'Incidents of metrics and sources that are open or acknowledged.',
  incidents: 'All incidents of metrics and sources that are kept.',
  'incident-newest':
    'What the newest incident of a metric saw in its last bucket, and what the orders of that time come to now.',
  anomalies: 'All orders that were called unusual.',
  'anomaly-newest': 'The amount of the newest unusual order as it was judged, and as the order stands now.',
  'pace-forecast': 'The forecast of the day that the band rests on.',
  'pace-so-far': 'What had come when the end of the day was last reckoned, and what has come by now.',
}
