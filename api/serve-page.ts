import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** The built page. Files under `assets/` have their content's hash in the name, so browsers may keep them. */
export function servePage(app: FastifyInstance, folder: string): void {
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, public: true }
      route.schema = { ...route.schema, hide: true } as typeof route.schema
    })
    await scope.register(fastifyStatic, {
      root: folder,
      cacheControl: false,
      setHeaders(reply, path) {
        const kept = path.includes('/assets/')
        reply.setHeader('cache-control', kept ? 'public, max-age=31536000, immutable' : 'no-cache')
      },
    })
  })
}
