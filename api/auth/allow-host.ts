import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/**
 * Answers only to the names that this server has. A page of somebody else's can point its own name at 127.0.0.1 (DNS
 * rebinding) and would then be same-origin with us; a websocket is not held back by same-origin rules at all. The first
 * shows in Host, the second in Origin.
 */
export function allowHosts(app: FastifyInstance, allowed: readonly string[]): void {
  const names = new Set([...LOOPBACK_NAMES, ...allowed.map((name) => name.toLowerCase())])
  app.addHook('onRequest', async (request) => {
    const host = nameOf(`http://${request.headers.host ?? ''}`)
    if (host === null || !names.has(host))
      throw new ApiError('FORBIDDEN', `Host: ${hostText(request)} is not a name of this server.`)
    const { origin } = request.headers
    if (origin === undefined) return
    const from = nameOf(origin)
    if (from === null || !(names.has(from) || from === host))
      throw new ApiError('FORBIDDEN', 'Origin: pages of other servers are not answered.')
  })
}

/** The name without its port, lower case; null where there is none (`null` is the origin of a sandboxed page). */
function nameOf(url: string): string | null {
  try {
    return new URL(url).hostname.toLowerCase() || null
  } catch {
    return null
  }
}

const hostText = (request: FastifyRequest) => JSON.stringify(request.headers.host ?? '').slice(0, 100)
