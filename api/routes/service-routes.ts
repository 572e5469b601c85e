/** For whoever runs the service; none of these has a tenant's data, so they need no principal. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { z } from 'zod'
import { healthTile } from '../../core/contracts/tiles.ts'
import { ApiError } from '../api-error.ts'
import { errorAnswer, jsonSchema, WITHOUT_AJV } from '../define-route.ts'
import type { Health } from '../live/tenant-facts.ts'

export function serviceRoutes(
  app: FastifyInstance,
  from: { registry: Registry; health: () => Health; requireReader: (request: FastifyRequest) => void },
): void {
  const config = { public: true }

  app.get('/healthz', {
    config,
    schema: {
      summary: 'Alive',
      description: 'This process answers; nothing else is looked at.',
      response: {
        200: { description: 'It does.', ...jsonSchema(z.object({ status: z.literal('ok') }), 'output') },
      },
    },
    ...WITHOUT_AJV,
    handler: () => ({ status: 'ok' }),
  })

  app.get('/readyz', {
    config,
    schema: {
      summary: 'Ready',
      description: 'Numbers can be read and new ones come in; otherwise 503 says what is not so.',
      response: {
        200: { description: 'Both work.', ...jsonSchema(healthTile, 'output') },
        503: { description: 'One does not.', ...jsonSchema(errorAnswer, 'output') },
      },
    },
    ...WITHOUT_AJV,
    handler: () => requireReady(from.health()),
  })

  app.get('/metrics', {
    config,
    schema: {
      summary: 'Metrics',
      description:
        'In the text format of Prometheus. They name tenants: where there are users, with the token, or from this machine.',
      response: { 200: { description: 'Text.', content: { 'text/plain': { schema: { type: 'string' } } } } },
    },
    ...WITHOUT_AJV,
    handler: async (request, reply) => {
      from.requireReader(request)
      const text = await from.registry.metrics()
      return reply.header('content-type', from.registry.contentType).serializer(String).send(text)
    },
  })

  app.get('/openapi.json', {
    config: { publicWithoutLogins: true },
    schema: {
      summary: 'This document',
      description: 'OpenAPI 3.1.',
      response: { 200: { description: 'The document.', type: 'object' } },
    },
    ...WITHOUT_AJV,
    handler: () => app.swagger(),
  })
}

function requireReady(health: Health): Health {
  if (health.warehouse !== 'up')
    throw new ApiError('WAREHOUSE_DOWN', `ClickHouse is ${health.warehouse}. ${health.message}`.trim())
  // Also while it starts: until its opening marks are written, nobody may put a first record into the log.
  if (health.processor !== 'running')
    throw new ApiError('NOT_READY', `The processor is ${health.processor}. ${health.message}`.trim())
  return health
}
