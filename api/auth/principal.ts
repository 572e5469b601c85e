import type { FastifyInstance, FastifyRequest } from 'fastify'

/** Who asks, and whose numbers it may see: nothing of a request but this says for which tenant it is answered. */
export interface Principal {
  /** Who it is, for logs. */
  subject: string
  tenant: string
  role: 'viewer'
}

/** Finds out who asks, before any handler and before a websocket is upgraded. Throws ApiError to refuse. */
export type Authenticate = (request: FastifyRequest) => Principal | Promise<Principal>

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** Answered to anybody, without a principal: it has no tenant's data. */
    public?: boolean
  }
}

/** From here on every route that is not marked public has a principal, or is refused. */
export function requirePrincipals(app: FastifyInstance, authenticate: Authenticate): void {
  app.decorateRequest('principal', null)
  app.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.public) return
    request.principal = await authenticate(request)
  })
}

/** A route that gets here without a principal was registered past `requirePrincipals`: that is a bug. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal !== null) return request.principal
  throw new Error(`no principal on ${request.url}`)
}
