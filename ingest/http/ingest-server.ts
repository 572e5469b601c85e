import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { errorBody, quotable } from './ingest-error.ts'
import { type IngestOptions, ingestRoutes } from './ingest-routes.ts'

/** The door for pushed events alone, for a process of its own. It listens nowhere yet. */
export function createIngestServer(options: IngestOptions): FastifyInstance {
  const { logger, registry, ready = () => true } = options
  const app = fastify({
    logger: false,
    frameworkErrors: (error, request, reply) => answer(error, request, reply),
  })
  app.setErrorHandler((error, request, reply) => answer(error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(errorBody('NOT_FOUND', `There is no ${request.method} ${quotable(request.url)} here.`)),
  )
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) =>
    ready()
      ? { status: 'ok' }
      : reply.code(503).send(errorBody('NOT_READY', 'revwall is still starting; orders are not taken yet.')),
  )
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  )
  ingestRoutes(app, options)
  return app

  function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { statusCode = 500, message = '' } = (error ?? {}) as { statusCode?: number; message?: string }
    if (statusCode >= 400 && statusCode < 500)
      return reply.code(400).send(errorBody('BAD_REQUEST', quotable(message)))
    logger.error('a request failed', { url: quotable(request.url), error })
    return reply
      .code(500)
      .send(errorBody('INTERNAL', 'Something went wrong here; the log of this process has the details.'))
  }
}
