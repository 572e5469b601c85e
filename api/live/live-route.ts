import type { FastifyInstance } from 'fastify'
import { LIVE_PATH } from '../../core/contracts/live-path.ts'
import { principalOf } from '../auth/principal.ts'
import type { Doorman } from './accept-client.ts'

/** The websocket. Host, origin and principal are settled by the hooks before it is upgraded. */
export function liveRoute(app: FastifyInstance, doorman: Doorman): void {
  app.route({
    method: 'GET',
    url: LIVE_PATH,
    exposeHeadRoute: false,
    websocket: true,
    handler: (socket, request) =>
      doorman.accept(
        { socket, wire: request.raw.socket },
        { principal: principalOf(request), address: request.ip },
      ),
  })
}
