/** Incidents of metrics and sources, and what people do about them and about unusual orders. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readAnomaliesById } from '../../clickhouse/queries/read-anomalies.ts'
import {
  readIncidents,
  readIncidentsById,
  readMetricWatches,
  type StoredIncident,
  type StoredWatch,
} from '../../clickhouse/queries/read-incidents.ts'
import { givenName } from '../../core/contracts/access.ts'
import type { AlertCommand } from '../../core/contracts/commands.ts'
import { externalId } from '../../core/contracts/fields.ts'
import { ALERT_KINDS, ALERT_STATES, SEVERITIES, WATCH_MIN_DAYS } from '../../core/contracts/results.ts'
import { decimalSum, text } from '../../core/contracts/wire.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { ApiError } from '../api-error.ts'
import type { Principal } from '../auth/principal.ts'
import { defineAction } from '../define-action.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import type { ApiContext } from './api-context.ts'
import { cursorField, readCursor, writeCursor } from './cursor.ts'
import { absenceField, absent, orderAbsence } from './panel-absence.ts'
import { wholeField } from './query-fields.ts'

/** All pages have the one order. */
const SORT = 'newest'
const count = z.number()
const amount = decimalSum.nullable()
/** Nobody is silent for longer without saying so again. */
const MAX_SILENCE_HOURS = 168

export interface IncidentContext extends ApiContext {
  log: EventLog
  logger: Logger
}

const incident = z.object({
  ...{ alertId: text, dedupKey: text, kind: z.enum(ALERT_KINDS), state: z.enum(ALERT_STATES) },
  ...{ severity: z.enum(SEVERITIES), subject: text, currency: text, score: count, model: text },
  part: z
    .object({ dimension: z.enum(['total', 'source', 'region']), member: text })
    .nullable()
    .describe('Of a metric, whose numbers these are: the whole, or one source or region alone.'),
  direction: z.enum(['fall', 'rise']).nullable(),
  cause: z.enum(['level', 'drift']).nullable(),
  ...{ observed: amount, expected: amount, low: amount, high: amount },
  contributors: z.array(
    z.object({ dimension: z.enum(['source', 'region']), member: text, change: decimalSum, share: count }),
  ),
  ...{ windowFrom: text, windowTo: text, openedAt: text, resolvedAt: text.nullable() },
  acknowledgedBy: text.nullable(),
  silence: z.object({ owner: text, until: text }).nullable(),
})

export function incidentRoutes(app: FastifyInstance, context: IncidentContext): void {
  const { warehouse, database } = context
  const alertId = externalId.describe('Of an incident; or of an unusual order, whose `eventId` it is.')
  const asked = z.object({ ...tenantField, commandId: text })

  defineRoute(app, {
    url: '/api/v1/incidents',
    summary: 'Incidents',
    description:
      'Metrics that left the band of their time of the week, and sources that do not answer, the newest first. Amounts are those of the last bucket in which it was seen. `watching`: null while nothing is watched yet; until `days` reaches `neededDays` it is only learned from.',
    query: z.object({
      state: z
        .enum([...ALERT_STATES, 'active'])
        .optional()
        .describe('Only those; active: open or acknowledged. Default: all.'),
      kind: z.enum(ALERT_KINDS).optional().describe('Only those; default: metrics and sources.'),
      limit: wholeField(1, 200, 50),
      cursor: cursorField,
    }),
    answer: z.object({
      ...tenantField,
      analytics: z.boolean().describe('False: nothing is computed from the orders here.'),
      watching: z
        .object({ upTo: text, bucketMinutes: count, series: count, days: count, neededDays: count })
        .nullable(),
      total: count.describe('Of all pages; 0 on one behind the last.'),
      incidents: z.array(incident),
      next: text.nullable(),
      ...absenceField,
    }),
    async handle({ cursor, ...wanted }, principal) {
      const { tenant } = principal
      const after = readCursor(cursor, { sort: SORT, value: 'instant', keys: 1 })
      const [page, [watch]] = await Promise.all([
        readIncidents(warehouse, { database, tenant, ...wanted, after }),
        readMetricWatches(warehouse, { database, tenant }),
      ])
      return {
        ...{ tenant, analytics: context.analytics },
        watching:
          watch === undefined
            ? null
            : {
                ...{ upTo: new Date(watch.upToMs).toISOString(), bucketMinutes: watch.widthMinutes },
                ...{ series: watch.series, days: Math.floor(watch.days), neededDays: WATCH_MIN_DAYS },
              },
        ...{ total: page.total, incidents: page.rows.map(answerOf), next: writeCursor(SORT, page.next) },
        absence: await absenceOf(context, principal, watch),
      }
    },
  })

  defineAction(app, {
    url: '/api/v1/incidents/acknowledge',
    summary: 'Acknowledge an alert',
    description: 'Says who looks after it. It is taken within seconds, and told on the topic `alerts`.',
    role: 'operator',
    body: z.object({ alertId }),
    answer: asked,
    handle: ({ alertId }, principal) => ask(principal, alertId, { type: 'alert.acknowledge' }),
  })

  defineAction(app, {
    url: '/api/v1/incidents/silence',
    summary: 'Silence an alert',
    description:
      'Nothing more is told of it for so many hours, but that it is resolved. Whoever asks owns it, unless somebody else is named.',
    role: 'operator',
    body: z.object({
      alertId,
      hours: z.number().positive().max(MAX_SILENCE_HOURS),
      owner: givenName.optional(),
    }),
    answer: asked,
    handle: ({ alertId, hours, owner }, principal) =>
      ask(principal, alertId, {
        type: 'alert.silence',
        owner: owner ?? principal.subject,
        until: new Date(context.clock.now() + hours * 3_600_000).toISOString(),
      }),
  })

  async function ask(
    { tenant, subject }: Principal,
    alertId: string,
    what: { type: 'alert.acknowledge' } | { type: 'alert.silence'; owner: string; until: string },
  ): Promise<z.infer<typeof asked>> {
    if (!context.analytics)
      throw new ApiError('CONFLICT', 'Analytics are switched off here: nobody takes it.')
    await requireOpen(tenant, alertId)
    const commandId = randomUUID()
    const at = new Date(context.clock.now()).toISOString()
    const command: AlertCommand = { schemaVersion: 1, commandId, tenant, at, by: subject, alertId, ...what }
    const value = Buffer.from(JSON.stringify(command))
    await context.log.append('commands', [
      { partition: 0, key: tenant, value, contentType: 'application/json' },
    ])
    context.logger.info('an alert was taken up', { alert: alertId, tenant, by: subject, what: what.type })
    return { tenant, commandId }
  }

  async function requireOpen(tenant: string, alertId: string): Promise<void> {
    const [known] = await readIncidentsById(warehouse, { database, tenant }, [alertId])
    if (known?.state === 'resolved') throw new ApiError('CONFLICT', 'It is resolved already.')
    if (known !== undefined) return
    const orders = await readAnomaliesById(warehouse, { database, tenant }, [alertId])
    if (orders.length === 0) throw new ApiError('NOT_FOUND', 'There is no such alert.')
  }
}

function answerOf({ silence, ...stored }: StoredIncident): z.infer<typeof incident> {
  const { alertId, dedupKey, kind, state, severity, subject, currency, score, model } = stored
  const { part, direction, cause, observed, expected, low, high, contributors } = stored
  return {
    ...{ alertId, dedupKey, kind, state, severity, subject, currency, score, model, direction, cause },
    ...{ part, observed, expected, low, high, contributors },
    ...{ windowFrom: stored.windowFrom, windowTo: stored.windowTo },
    ...{ openedAt: stored.openedAt, resolvedAt: stored.resolvedAt },
    acknowledgedBy: stored.acknowledgedBy,
    silence: silence === null ? null : { owner: silence.owner, until: silence.until },
  }
}

async function absenceOf(context: ApiContext, principal: Principal, watch: StoredWatch | undefined) {
  const found = await orderAbsence(context, principal, watch !== undefined)
  if (found !== null || watch === undefined || watch.days >= WATCH_MIN_DAYS) return found
  return absent('history', Math.floor(watch.days), WATCH_MIN_DAYS)
}
