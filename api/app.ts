import fastifySwagger from '@fastify/swagger'
import fastifyWebsocket from '@fastify/websocket'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { LIVE_PATH } from '../core/contracts/live-path.ts'
import type { TenantConfig } from '../core/contracts/tenant.ts'
import type { EventLog } from '../core/log/event-log.ts'
import type { Redis } from '../core/redis/connect-redis.ts'
import { type Clock, systemClock } from '../core/runtime/clock.ts'
import type { Logger } from '../core/runtime/logger.ts'
import type { SegmentChoice } from '../core/segments/segment-modes.ts'
import { API_ERRORS, ApiError, type ApiErrorCode, asApiError } from './api-error.ts'
import { createApiMetrics } from './api-metrics.ts'
import type { Access } from './auth/access.ts'
import { allowHosts } from './auth/allow-host.ts'
import { sessionCookies } from './auth/cookies.ts'
import { createGate } from './auth/gate.ts'
import { localPrincipal } from './auth/local-principal.ts'
import { requireMetricsReader } from './auth/metrics-reader.ts'
import { type Authenticate, requirePrincipals } from './auth/principal.ts'
import { boundQueries } from './bound-queries.ts'
import { createDoorman, type LiveLimits, MAX_CLIENT_MESSAGE_BYTES } from './live/accept-client.ts'
import { createHub } from './live/hub.ts'
import { liveRoute } from './live/live-route.ts'
import type { Health } from './live/tenant-facts.ts'
import { accessRoutes } from './routes/access-routes.ts'
import { annotationRoutes } from './routes/annotation-routes.ts'
import { anomalyRoutes } from './routes/anomaly-routes.ts'
import type { ApiContext } from './routes/api-context.ts'
import { breakdownRoutes } from './routes/breakdown-routes.ts'
import { changeRoutes } from './routes/change-routes.ts'
import { deliveryRoutes } from './routes/delivery-routes.ts'
import { exploreRoutes } from './routes/explore-routes.ts'
import { factRoutes } from './routes/fact-routes.ts'
import { figureRoutes } from './routes/figure-routes.ts'
import { forecastRoutes } from './routes/forecast-routes.ts'
import { incidentRoutes } from './routes/incident-routes.ts'
import { layoutRoutes } from './routes/layout-routes.ts'
import { listRoutes } from './routes/list-routes.ts'
import { meRoutes } from './routes/me-routes.ts'
import { orderRoutes } from './routes/order-routes.ts'
import { paceRoutes } from './routes/pace-routes.ts'
import { panelProofRoutes } from './routes/panel-proof-routes.ts'
import { passRoutes } from './routes/pass-routes.ts'
import { proofRoutes } from './routes/proof-routes.ts'
import { segmentRoutes } from './routes/segment-routes.ts'
import { serviceRoutes } from './routes/service-routes.ts'
import { targetRoutes } from './routes/target-routes.ts'
import { valueRoutes } from './routes/value-routes.ts'
import { wallRoutes } from './routes/wall-routes.ts'
import { servePage } from './serve-page.ts'
import { createFigureWriter } from './shared/figure-writer.ts'
import { openWallBook } from './walls/wall-book.ts'

export interface ApiOptions {
  tenants: readonly TenantConfig[]
  /** As a user that may read the run's tables. */
  warehouse: Warehouse
  /** The run's database. */
  database: string
  log: EventLog
  logger: Logger
  /** Where the metrics go and what `/metrics` prints. */
  registry: Registry
  health: () => Health
  /** True while the views are being audited after a start that followed no clean stop. */
  verifying?: () => boolean
  clock?: Clock
  /** The built page; without it there is only the api. */
  staticFolder?: string
  /** Who asks. Default: whoever is on this machine. */
  authenticate?: Authenticate
  /** Users, screens and shares; while there are users it decides who asks, unless `authenticate` is given. */
  access?: Access
  /** The file of walls (walls/README.md); without it there is the built-in one alone. */
  wallsFile?: string
  /** Names besides localhost, 127.0.0.1 and [::1] under which this server is known. */
  allowedHosts?: readonly string[]
  /** Origins under which browsers open the page, where Host says something else (a proxy). */
  allowedOrigins?: readonly string[]
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[]
  /** What `/metrics` wants once there are users; without it this machine alone is told. */
  metricsToken?: string
  liveLimits?: Partial<LiveLimits>
  /** Further routes on the same port, which the api knows nothing of. Each gets a scope of its own, behind all hooks. */
  plugins?: readonly ((app: FastifyInstance) => void)[]
  /** Whom to tell when another run is shown (clickhouse/runs): walls then take a snapshot of a new epoch. */
  onRunMoved?: (listener: () => void) => void
  /** Whether anything is computed from the orders (REVWALL_ANALYTICS). Default: it is. */
  analytics?: boolean
  /** The division that is kept live (REVWALL_SEGMENTS). Default: `default`. */
  segments?: SegmentChoice
  /** What processes of the api share; `plainTenant`: whose figures there have no name before them. */
  shared?: { redis: Redis; plainTenant: string | undefined }
}

/** The api, which listens nowhere yet: `listen` it on 127.0.0.1. `close` says goodbye to the walls and ends the hub. */
export function createApi(options: ApiOptions): FastifyInstance {
  const { tenants, logger, registry, shared, verifying = () => false, clock = systemClock } = options
  const { analytics = true, segments = 'default' } = options
  const metrics = createApiMetrics(registry)
  const health = () => ({ ...options.health(), ...(shared && { redis: redisState(shared.redis) }) })
  const app = fastify({
    logger: false,
    routerOptions: { maxParamLength: 200 },
    ...(options.trustedProxies?.length && { trustProxy: [...options.trustedProxies] }),
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
  })
  const hub = createHub({
    ...options,
    warehouse: boundQueries(options.warehouse, 'hub', metrics),
    health,
    verifying,
    analytics,
    clock,
    metrics,
    redis: shared?.redis,
    onTouched: (touched, isNews) => figures?.touch(touched, isNews),
  })
  const figures =
    shared &&
    createFigureWriter({
      ...options,
      ...shared,
      warehouse: boundQueries(options.warehouse, 'figures', metrics),
      nowOf: (tenant) => hub.facts(tenant).time().nowMs,
      clock,
    })
  const { access } = options
  const cookies = access && sessionCookies(access.store.id)
  const gate = access && cookies && createGate({ access, cookies, tenants })
  const areLoginsWanted = () => access?.areLoginsWanted() ?? false
  const doorman = createDoorman({
    ...{ hub, clock, logger, metrics, limits: options.liveLimits, tenants: tenants.length },
    access: gate && access && { state: access.state, isStill: gate.isStill },
  })
  options.onRunMoved?.(() => {
    hub.renew()
    figures?.forget()
    doorman.dismissAll('another run is shown')
  })
  const context: ApiContext = {
    tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])),
    warehouse: boundQueries(options.warehouse, 'rest', metrics),
    database: options.database,
    ...{ hub, clock, analytics, segments },
  }

  app.setErrorHandler((error, request, reply) => answerError(error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    answerError(
      new ApiError('NOT_FOUND', `There is no ${request.method} ${pathOf(request)} here.`),
      request,
      reply,
    ),
  )
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer')
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    const labels = { method: request.method, route, status: String(reply.statusCode) }
    metrics.requestSeconds.observe(labels, reply.elapsedTime / 1_000)
    // An upgrade that a hook refused is a socket that nobody owns any more; it would hold up `close`.
    if (request.headers.upgrade !== undefined) request.raw.socket.destroySoon()
  })
  allowHosts(app, {
    hosts: options.allowedHosts,
    origins: options.allowedOrigins,
    onRefused: (reason) => metrics.refusals.inc({ reason }),
  })
  // Elsewhere an upgrade would make a connection that no limit counts.
  app.addHook('onRequest', async (request) => {
    if (request.headers.upgrade !== undefined && request.routeOptions.url !== LIVE_PATH)
      throw new ApiError('NOT_FOUND', `There is no websocket at ${pathOf(request)}.`)
  })
  requirePrincipals(
    app,
    options.authenticate ?? gate?.authenticate ?? localPrincipal(tenants),
    areLoginsWanted,
  )

  app.register(fastifySwagger, { openapi: OPENAPI })
  app.register(fastifyWebsocket, {
    // The doorman knows who is there.
    options: { maxPayload: MAX_CLIENT_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false },
    errorHandler: (error, socket) => {
      logger.warn('a live client was not let in', { error })
      socket.terminate()
    },
  })
  app.register(async (routes) => {
    const { metricsToken } = options
    const requireReader = (request: FastifyRequest) =>
      areLoginsWanted() ? requireMetricsReader(request, metricsToken) : undefined
    serviceRoutes(routes, { registry, health, requireReader })
    meRoutes(routes, context)
    if (access !== undefined && cookies !== undefined) {
      const entry = { access, cookies, clock, logger, metrics, onEnded: doorman.review }
      accessRoutes(routes, entry)
      passRoutes(routes, entry)
    }
    wallRoutes(routes, context)
    if (options.wallsFile !== undefined)
      layoutRoutes(routes, { walls: openWallBook({ path: options.wallsFile, clock, logger }), logger })
    figureRoutes(routes, context)
    listRoutes(routes, context)
    breakdownRoutes(routes, context)
    exploreRoutes(routes, context)
    segmentRoutes(routes, context)
    valueRoutes(routes, context)
    forecastRoutes(routes, context)
    paceRoutes(routes, context)
    anomalyRoutes(routes, context)
    incidentRoutes(routes, { ...context, log: options.log, logger })
    orderRoutes(routes, context)
    changeRoutes(routes, context, options.log)
    deliveryRoutes(routes, { ...context, log: options.log, logger })
    factRoutes(routes, context)
    annotationRoutes(routes, context, options.log)
    targetRoutes(routes, context, options.log)
    proofRoutes(routes, context)
    panelProofRoutes(routes, context)
    liveRoute(routes, doorman)
  })
  for (const plugin of options.plugins ?? []) app.register(async (scope) => plugin(scope))
  if (options.staticFolder !== undefined) servePage(app, options.staticFolder, { areLoginsWanted, gate })

  app.addHook('onReady', async () => {
    await hub.start()
    figures?.start()
  })
  app.addHook('preClose', async () => {
    // A browser opens connections in advance, on which nothing is ever asked; they would hold up the end for a minute.
    setTimeout(() => app.server.closeAllConnections(), MAX_LAST_ANSWERS_MS).unref()
    doorman.dismissAll('the server is going down')
    doorman.stop()
    await Promise.all([hub.stop(), figures?.stop()])
  })
  return app

  function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { code, message, details, cause, retryAfterMs } = asApiError(error)
    const refused = REFUSALS[code]
    if (refused !== undefined) metrics.refusals.inc({ reason: refused })
    if (retryAfterMs !== undefined) reply.header('retry-after', Math.ceil(retryAfterMs / 1_000))
    if (code === 'INTERNAL') logger.error('a request failed', { url: pathOf(request), error: cause ?? error })
    return reply
      .code(API_ERRORS[code])
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ error: { code, message, details } })
  }
}

/** Why somebody is not let in; Host and Origin are counted where they are looked at. */
const REFUSALS: Partial<Record<ApiErrorCode, string>> = { UNAUTHORIZED: 'login', TOO_MANY_TRIES: 'tries' }
/** What is still being answered at the end has so long. */
const MAX_LAST_ANSWERS_MS = 5_000
const redisState = (redis: Redis) => (redis.isUp() ? ('up' as const) : ('down' as const))
const pathOf = (request: FastifyRequest) => (request.url.split('?')[0] ?? '').slice(0, 200)

const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'revwall',
    version: '1',
    description: 'What the wall shows. Money is decimal strings; days are local days of the tenant.',
  },
} as const
