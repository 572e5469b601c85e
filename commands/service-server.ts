/** What whoever runs a role asks of it: alive, ready, metrics. Nothing of a tenant but its name, so nobody logs in. */
import fastify, { type FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'

export interface ServiceOptions {
  registry: Registry
  /** Why it cannot do its work at the moment; undefined: it does. */
  waitsFor: () => string | undefined
}

/** It listens nowhere yet. The answers are those of the api's routes of the same names. */
export function createServiceServer({ registry, waitsFor }: ServiceOptions): FastifyInstance {
  const app = fastify({ logger: false })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const message = waitsFor()
    if (message === undefined) return { status: 'ok' }
    return reply.code(503).send(errorBody('NOT_READY', message))
  })
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  )
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(errorBody('NOT_FOUND', 'There is nothing here but /healthz, /readyz and /metrics.')),
  )
  return app
}

const errorBody = (code: string, message: string) => ({ error: { code, message, details: [] } })
