import type { FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Authenticate } from './principal.ts'

/**
 * Without users: whoever is on this machine is the viewer of the first tenant, or of the one that `?tenant=` names.
 */
export function localPrincipal(tenants: readonly { id: string }[]): Authenticate {
  const known = new Set(tenants.map(({ id }) => id))
  return (request) => {
    if (!isFromThisMachine(request))
      throw new ApiError('FORBIDDEN', 'Without logins only this machine is answered.')
    const asked = (request.query as Record<string, unknown>).tenant
    const tenant = asked ?? tenants[0]?.id
    if (typeof tenant !== 'string' || !known.has(tenant))
      throw new ApiError('FORBIDDEN', 'tenant: there is none of this name here.')
    return { subject: 'local', tenant, role: 'viewer', isLocal: true }
  }
}

/** A proxy on this machine asks for others, and says so. */
export function isFromThisMachine({ socket, headers }: FastifyRequest): boolean {
  const isForwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined
  return !isForwarded && isLoopback(socket.remoteAddress)
}

export function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(address ?? '')
}
