import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorCode } from '../core/runtime/errors.ts'
import type { Gate } from './auth/gate.ts'

export interface PageAccess {
  areLoginsWanted: () => boolean
  gate: Gate | undefined
}

/** What is shown to whoever has no session yet: one small page for all three, apart from the wall. */
export const DOOR_PATHS = ['/login', '/tv', '/share']
const DOOR_FILE = 'door.html'

/** By what a phone installs the page: its name and its drawing. */
const IDENTITY = /^\/(manifest\.webmanifest|icons\/[\w-]+\.(svg|png))$/

/** Scripts, styles, images and sockets of our own alone; nobody shows the page in a frame of his. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"

const OPEN: PageAccess = { areLoginsWanted: () => false, gate: undefined }

/** The built page. Files under `assets/` have their content's hash in the name, so browsers may keep them. */
export function servePage(
  app: FastifyInstance,
  folder: string,
  { areLoginsWanted, gate }: PageAccess = OPEN,
): void {
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true }
      route.schema = { ...route.schema, hide: true } as typeof route.schema
    })
    scope.addHook('onRequest', async (request, reply) => {
      if (!areLoginsWanted() || isForEverybody(request) || (await isKnown(request))) return
      return askToSignIn(request, reply)
    })
    await scope.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders(reply, path) {
        const kept = path.startsWith(join(folder, 'assets'))
        reply.setHeader('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache')
        if (path.endsWith('.html')) reply.setHeader('content-security-policy', POLICY)
      },
    })
    for (const path of DOOR_PATHS)
      scope.get(path, (_request, reply) =>
        areLoginsWanted() ? reply.sendFile(DOOR_FILE) : reply.redirect('/', 302),
      )
  })

  /** The wall's own scripts have nothing of a tenant. What is not there is told to everybody as well. */
  function isForEverybody(request: FastifyRequest): boolean {
    const [path = ''] = request.url.split('?')
    const isAsset = path.startsWith('/assets/') && !path.includes('..')
    return isAsset || DOOR_PATHS.includes(path) || IDENTITY.test(path)
  }

  async function isKnown(request: FastifyRequest): Promise<boolean> {
    try {
      await gate?.authenticate(request)
      return gate !== undefined
    } catch (error) {
      // Known, but asking for a tenant of others: the page says so.
      return errorCode(error) === 'FORBIDDEN'
    }
  }
}

/** A path of ours to come back to; the page takes no other. */
function askToSignIn(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const next = request.url === '/' ? '' : `?next=${encodeURIComponent(request.url.slice(0, 500))}`
  return reply.header('cache-control', 'no-store').redirect(`/login${next}`, 302)
}
