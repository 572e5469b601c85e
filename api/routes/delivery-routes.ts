/** What was sent to a tenant's endpoints, and once more what was given up. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readDeliveries, readEndpointDeliveries } from '../../clickhouse/queries/read-deliveries.ts'
import { asyncapiDocument } from '../../core/contracts/asyncapi.ts'
import { DELIVERY_STATUSES, ENDPOINT_KINDS } from '../../core/contracts/deliveries.ts'
import { externalId } from '../../core/contracts/fields.ts'
import { text } from '../../core/contracts/wire.ts'
import { appendCommand } from '../../core/log/append-command.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { codeVersion } from '../../core/runtime/program.ts'
import { ApiError } from '../api-error.ts'
import { defineAction } from '../define-action.ts'
import { defineRoute, WITHOUT_AJV } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import type { ApiContext } from './api-context.ts'
import { cursorField, readCursor, writeCursor } from './cursor.ts'
import { wholeField } from './query-fields.ts'

/** All pages have the one order. */
const SORT = 'newest'
const count = z.number()
const kind = z.enum(ENDPOINT_KINDS)

export function deliveryRoutes(
  app: FastifyInstance,
  { warehouse, clock, log, logger }: ApiContext & { log: EventLog; logger: Logger },
): void {
  defineRoute(app, {
    url: '/api/v1/deliveries',
    // Errors are in the words of whoever was asked, or of this machine, and may name hosts that are nobody else's business.
    role: 'operator',
    mayLocally: true,
    summary: 'Deliveries',
    description:
      'For operators. Attempts to send the tenant’s events to endpoints (webhooks, Slack), the newest first, and what became of the messages of each endpoint. `isNewest`: it is the last attempt of its message.',
    query: z.object({
      endpoint: externalId.optional().describe('Of this endpoint; default: of all.'),
      outcome: z
        .enum(DELIVERY_STATUSES)
        .optional()
        .describe('Messages of which this became, by their last attempt; default: every attempt.'),
      limit: wholeField(1, 500, 50),
      cursor: cursorField,
    }),
    answer: z.object({
      ...tenantField,
      endpoints: z.array(
        z.object({
          ...{ endpoint: text, endpointName: text, kind, lastAt: text, lastError: text },
          ...{ delivered: count, waiting: count, dead: count },
        }),
      ),
      total: count.describe('Of all pages; 0 on one behind the last.'),
      deliveries: z.array(
        z.object({
          ...{ endpoint: text, endpointName: text, kind, messageId: text, topic: text, dedupKey: text },
          ...{ attempt: count, at: text, status: z.enum(DELIVERY_STATUSES), httpStatus: count.nullable() },
          ...{ error: text, durationMs: count, nextAttemptAt: text.nullable(), askedBy: text },
          isNewest: z.boolean(),
        }),
      ),
      next: text.nullable(),
    }),
    async handle({ endpoint, outcome: status, limit, cursor }, { tenant }) {
      const after = readCursor(cursor, { sort: SORT, value: 'instant', keys: 1 })
      const [page, endpoints] = await Promise.all([
        readDeliveries(warehouse, { tenant, endpoint, status, limit, after }),
        readEndpointDeliveries(warehouse, tenant),
      ])
      const { total, rows: deliveries } = page
      return { tenant, endpoints, total, deliveries, next: writeCursor(SORT, page.next) }
    },
  })

  defineAction(app, {
    url: '/api/v1/deliveries/replay',
    summary: 'Send again',
    description:
      'One message, given up or not; without `messageId` all that the endpoint has given up. It is tried again for as long as a new one, with the same webhook-id.',
    role: 'operator',
    body: z.object({ endpoint: externalId, messageId: externalId.optional() }),
    answer: z.object({}),
    async handle({ endpoint, messageId }, { tenant, subject }) {
      const endpoints = await readEndpointDeliveries(warehouse, tenant)
      if (!endpoints.some((each) => each.endpoint === endpoint))
        throw new ApiError('NOT_FOUND', 'Nothing was sent to such an endpoint.')
      await appendCommand(log, {
        ...{
          type: 'delivery.replay',
          schemaVersion: 1,
          commandId: randomUUID(),
          tenant,
          endpoint,
          messageId,
        },
        ...{ at: new Date(clock.now()).toISOString(), by: subject },
      })
      logger.info('a delivery was asked for again', { endpoint, messageId, tenant, by: subject })
      return {}
    },
  })

  app.get('/api/v1/asyncapi.json', {
    config: { publicWithoutLogins: true },
    schema: {
      summary: 'Events for other systems',
      description: 'AsyncAPI 3.0: topics of the log, and webhooks.',
      response: { 200: { description: 'The document.', type: 'object' } },
    },
    ...WITHOUT_AJV,
    handler: () => asyncapiDocument(codeVersion()),
  })
}
