import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ROLES, type Role } from '../../core/contracts/access.ts'
import { ApiError } from '../api-error.ts'

/** Who asks, and whose numbers it may see: nothing of a request but this says for which tenant it is answered. */
export interface Principal {
  /** Who it is, for logs. */
  subject: string
  tenant: string
  role: Role
  /** By what it came in, and what may end it; without one it is on this machine, or of a test. */
  pass?: Pass
  /** Whoever is on this machine, where there are no logins. */
  isLocal?: boolean
}

export interface Pass {
  kind: 'user' | 'screen' | 'share'
  /** Of its session. */
  key: string
  /** All that it may choose from. */
  tenants: readonly string[]
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
    /** The same, but where there are logins it wants one. */
    publicWithoutLogins?: boolean
    /** The least that one must be. Default: viewer. */
    role?: Role
    /** Without a pass, that is on this machine where there are no users, any role will do. */
    mayLocally?: boolean
  }
}

/** From here on every route that is not marked public has a principal, or is refused. */
export function requirePrincipals(
  app: FastifyInstance,
  authenticate: Authenticate,
  areLoginsWanted: () => boolean = () => false,
): void {
  app.decorateRequest('principal', null)
  app.addHook('onRequest', async (request) => {
    const { config } = request.routeOptions
    if (request.is404 || config.public || (config.publicWithoutLogins && !areLoginsWanted())) return
    const principal = await authenticate(request)
    if (!(config.mayLocally && principal.isLocal)) requireRole(principal, config.role ?? 'viewer')
    request.principal = principal
  })
}

export function requireRole({ role }: Principal, wanted: Role): void {
  if (!mayAct(role, wanted)) throw new ApiError('FORBIDDEN', `It takes the role ${wanted}; yours is ${role}.`)
}

export function mayAct(role: Role, wanted: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(wanted)
}

/** A route that gets here without a principal was registered past `requirePrincipals`: that is a bug. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal !== null) return request.principal
  throw new Error(`no principal on ${request.url}`)
}
