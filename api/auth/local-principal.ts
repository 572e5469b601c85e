import type { FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Authenticate, Principal } from './principal.ts'

/**
 * Without users: whoever is on this machine is the viewer of the first tenant, or of the one that `?tenant=` names.
 */
export function localPrincipal(tenants: readonly { id: string }[]): Authenticate {
  // One object for all: ten thousand walls keep theirs.
  const known = new Map<unknown, Principal>(
    tenants.map(({ id }) => [id, { subject: 'local', tenant: id, role: 'viewer', isLocal: true }]),
  )
  return (request) => {
    if (!isFromThisMachine(request))
      throw new ApiError('FORBIDDEN', 'Without logins only this machine is answered.')
    const asked = (request.query as Record<string, unknown>).tenant
    const principal = known.get(asked ?? tenants[0]?.id)
    if (principal === undefined) throw new ApiError('FORBIDDEN', 'tenant: there is none of this name here.')
    return principal
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
