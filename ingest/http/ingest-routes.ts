/** `POST /ingest/orders` and `/ingest/annotations` on whatever app it is given, in a scope of its own: its parsers and errors stay with it. */
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { answerError, answerTaken } from './answer.ts'
import { IngestError } from './ingest-error.ts'
import { createIngestMetrics } from './ingest-metrics.ts'
import { createInlet } from './inlet.ts'
import { appendAnnotations, judgeAnnotations } from './judge-annotation.ts'
import type { KeyBook, KeyOwner } from './key-book.ts'
import { drain } from './read-chunks.ts'
import { type BodyType, CONTENT_TYPES, type Item, readItems } from './read-items.ts'
import { createRoom } from './room.ts'
import { ANNOTATIONS_SCHEMA, ORDERS_SCHEMA } from './route-schema.ts'
import { type Sorted, type Taken, takeItems, takeRequest } from './take-request.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The api's word for a route that it asks no login for: here the key decides. */
    public?: boolean
  }
  interface FastifyRequest {
    /** Whose key it came with. */
    pusher: KeyOwner | null
  }
}

export interface IngestOptions {
  log: EventLog
  keys: KeyBook
  /** Ids of the configured tenants: a key of another one opens nothing. */
  tenants: readonly string[]
  clock: Clock
  logger: Logger
  registry: Registry
  /** Until it says so all is refused with `NOT_READY`. Default: always. */
  ready?: () => boolean
}

/** What becomes of the items of a body. */
type Take = (items: AsyncIterable<Item>, pusher: KeyOwner) => Promise<Taken>

export function ingestRoutes(app: FastifyInstance, options: IngestOptions): void {
  const { keys, clock, logger, ready = () => true } = options
  const tenants = new Set(options.tenants)
  const inlet = createInlet(options)
  const metrics = createIngestMetrics(options.registry)
  const room = createRoom()

  app.register(async (scope) => {
    tellProgress(scope, (signal) => inlet.run(signal))
    scope.setErrorHandler(answerError)
    scope.decorateRequest('pusher', null)
    // Bodies are read by the handler, as they come. What has no parser is 415.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser([...CONTENT_TYPES], (_request, payload, done) => done(null, payload))
    scope.addHook('onResponse', async (_request, reply) => {
      metrics.requests.inc({ status: String(reply.statusCode) })
      metrics.requestSeconds.observe(reply.elapsedTime / 1_000)
    })
    const doors: [url: string, schema: typeof ORDERS_SCHEMA | typeof ANNOTATIONS_SCHEMA, take: Take][] = [
      ['/ingest/orders', ORDERS_SCHEMA, takeOrders],
      ['/ingest/annotations', ANNOTATIONS_SCHEMA, takeAnnotations],
    ]
    for (const [url, schema, take] of doors)
      scope.route({
        method: 'POST',
        url,
        config: { public: true },
        ...schema,
        // Before the body: who has no key sends none of it.
        onRequest: async (request) => {
          request.pusher = ownerOf(request)
          if (!ready()) throw new IngestError('NOT_READY', 'revwall is still starting; send it again.')
        },
        handler: (request, reply) => takeBody(request, reply, take),
      })
  })

  function ownerOf(request: FastifyRequest): KeyOwner {
    const owner = keys.find(/^Bearer +(\S{1,100})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (owner !== undefined && tenants.has(owner.tenant)) return owner
    throw new IngestError(
      'UNAUTHORIZED',
      'A key is needed: Authorization: Bearer rvw_…; `revwall keys add --tenant ID` makes one.',
    )
  }

  function takeOrders(items: AsyncIterable<Item>, { tenant }: KeyOwner): Promise<Taken> {
    return takeRequest(items, tenant, { inlet, metrics, clock })
  }

  function takeAnnotations(items: AsyncIterable<Item>, pusher: KeyOwner): Promise<Taken> {
    const judge = judgeAnnotations(pusher, clock.now)
    const append = (sorted: Sorted) => appendAnnotations(options.log, sorted)
    return takeItems(items, pusher.tenant, { judge, append, metrics })
  }

  async function takeBody(request: FastifyRequest, reply: FastifyReply, take: Take): Promise<FastifyReply> {
    const { id, tenant } = request.pusher!
    const payload = request.body as Readable | undefined
    if (payload === undefined || payload === null) throw new IngestError('BAD_REQUEST', 'the body is empty')
    const place = room.enter()
    try {
      const items = readItems(payload, bodyType(request), { onBytes: place.takeBytes })
      const taken = await take(items, { id, tenant })
      if (taken.rejectedCount > 0)
        logger.info('pushed events were rejected', { tenant, key: id, rejected: taken.rejectedCount })
      return answerTaken(reply, taken)
    } catch (error) {
      // A client that still sends does not listen yet.
      if (!(await drain(payload))) reply.header('connection', 'close')
      throw error
    } finally {
      place.leave()
    }
  }
}

function bodyType(request: FastifyRequest): BodyType {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new IngestError('UNSUPPORTED_MEDIA_TYPE', 'content-encoding: bodies are taken as they are only')
  return request.headers['content-type']?.trimStart().toLowerCase().startsWith('application/json')
    ? 'application/json'
    : 'application/x-ndjson'
}

/** From the first request's server to its end; what is owed then is told once more. */
function tellProgress(scope: FastifyInstance, run: (signal: AbortSignal) => Promise<void>): void {
  const stop = new AbortController()
  let running = Promise.resolve()
  scope.addHook('onReady', async () => {
    running = run(stop.signal)
  })
  scope.addHook('onClose', async () => {
    stop.abort()
    await running
  })
}
