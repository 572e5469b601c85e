import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

export interface Allowed {
  /** Names besides this machine's own. */
  hosts?: readonly string[] | undefined
  /** Origins under which browsers open the page; their names are allowed as well. */
  origins?: readonly string[] | undefined
  onRefused?: (reason: 'host' | 'origin') => void
}

/**
 * Answers only to the names that this server has. A page of somebody else's can point its own name at 127.0.0.1 (DNS
 * rebinding) and would then be same-origin with us; a websocket is not held back by same-origin rules at all, and cookies
 * do not tell one port of a machine from another. The first shows in Host, the others in Origin.
 *
 * Whatever changes something must have an Origin: browsers always send it then, so that a form of another site is refused.
 */
export function allowHosts(app: FastifyInstance, { hosts = [], origins = [], onRefused }: Allowed): void {
  const listed = new Set(origins)
  const named = [...hosts, ...origins.map((origin) => new URL(origin).hostname)]
  const names = new Set([...LOOPBACK_NAMES, ...named.map((name) => name.toLowerCase())])
  const refuse = (reason: 'host' | 'origin', message: string): never => {
    onRefused?.(reason)
    throw new ApiError('FORBIDDEN', message)
  }
  app.addHook('onRequest', async (request) => {
    const host = partOf(`http://${request.headers.host ?? ''}`, 'hostname')
    if (host === null || !names.has(host))
      refuse('host', `Host: ${hostText(request)} is not a name of this server.`)
    const { origin } = request.headers
    if (origin === undefined) {
      if (request.routeOptions.config.wantsOrigin) refuse('origin', 'Origin: only a page may change this.')
      return
    }
    if (!isOurs(origin, request) && !listed.has(origin.toLowerCase()))
      refuse('origin', 'Origin: pages of other servers are not answered.')
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It changes something for whoever has a cookie. */
    wantsOrigin?: boolean
  }
}

/** The page that we serve ourselves, to the port: another port is another program's. */
function isOurs(origin: string, { headers }: FastifyRequest): boolean {
  const scheme = partOf(origin, 'protocol')
  const from = partOf(origin, 'host')
  return from !== null && from === partOf(`${scheme}//${headers.host ?? ''}`, 'host')
}

/** In lower case; null where there is none (`null` is the origin of a sandboxed page). */
function partOf(url: string, part: 'hostname' | 'host' | 'protocol'): string | null {
  try {
    return new URL(url)[part].toLowerCase() || null
  } catch {
    return null
  }
}

const hostText = (request: FastifyRequest) => JSON.stringify(request.headers.host ?? '').slice(0, 100)
