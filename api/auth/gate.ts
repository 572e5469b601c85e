/** Who stands behind a request, by the cookie of its session; and whether a websocket that is open may stay so. */
import type { FastifyRequest } from 'fastify'
import type { Role } from '../../core/contracts/access.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { ApiError } from '../api-error.ts'
import type { Access } from './access.ts'
import type { Session } from './access-store.ts'
import type { CookieJar } from './cookies.ts'
import { localPrincipal } from './local-principal.ts'
import type { Authenticate, Principal } from './principal.ts'
import { hashOf } from './tokens.ts'

export interface Gate {
  authenticate: Authenticate
  /** Whether it would still be let in, as what it is. */
  isStill(principal: Principal): boolean
}

interface Known {
  subject: string
  role: Role
  tenants: readonly string[]
}

export function createGate(options: {
  access: Access
  tenants: readonly TenantConfig[]
  cookies: CookieJar
}): Gate {
  const { access, cookies } = options
  const local = localPrincipal(options.tenants)
  const configured = new Set(options.tenants.map(({ id }) => id))

  /** What the holder of a session is now: a role that was taken away holds for no request more. */
  function knownBy({ kind, of }: Session): Known | undefined {
    if (kind === 'user') {
      const user = access.users.find(of)
      return user && { subject: user.name, role: user.role, tenants: configuredOf(user.tenants) }
    }
    const pass = access.store.get(kind, of)
    return pass && { subject: `${kind} ${pass.id}`, role: 'viewer', tenants: configuredOf([pass.tenant]) }
  }

  const configuredOf = (tenants: readonly string[]) => tenants.filter((id) => configured.has(id))

  function principalBy(key: string, request: FastifyRequest): Principal {
    const session = access.find(key)
    const known = session && knownBy(session)
    if (session === undefined || known === undefined) throw signInFirst()
    const asked = (request.query as Record<string, unknown>).tenant
    const tenant = asked ?? known.tenants[0]
    if (typeof tenant !== 'string' || !known.tenants.includes(tenant))
      throw new ApiError('FORBIDDEN', 'tenant: it is none of yours.')
    access.see(key, session)
    const { subject, role, tenants } = known
    return { subject, tenant, role, pass: { kind: session.kind, key, tenants } }
  }

  return {
    authenticate(request) {
      if (!access.areLoginsWanted()) return local(request)
      const secret = cookies.read(request)
      if (secret === undefined) throw signInFirst()
      return principalBy(hashOf(secret), request)
    },
    isStill({ pass, tenant, role }) {
      if (pass === undefined) return !access.areLoginsWanted()
      const session = access.find(pass.key)
      const known = session && knownBy(session)
      if (session === undefined || known === undefined) return false
      access.see(pass.key, session)
      return known.role === role && known.tenants.includes(tenant)
    },
  }
}

const signInFirst = () => new ApiError('UNAUTHORIZED', 'Sign in at /login first.')
