import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import { principalOf } from '../auth/principal.ts'
import type { Doorman } from './accept-client.ts'
import { tellEvents } from './tell-events.ts'

/** The websocket. Host, origin and principal are settled by the hooks before it is upgraded. */
export function liveRoute(app: FastifyInstance, doorman: Doorman): void {
  tellEvents(app.websocketServer, doorman.events)
  const answers = new WeakMap<FastifyRequest, ServerResponse>()
  app.route({
    method: 'GET',
    url: LIVE_PATH,
    exposeHeadRoute: false,
    websocket: true,
    onRequest: async (request, reply) => void answers.set(request, reply.raw),
    handler: (socket, request) => {
      const wire = request.raw.socket
      const visitor = { principal: principalOf(request), address: request.ip }
      // What was attached for the upgrade would keep the request and its answer for as long as the wall is open.
      answers.get(request)?.detachSocket(wire)
      socket.removeAllListeners('error')
      doorman.accept({ socket, wire }, visitor)
    },
  })
}
