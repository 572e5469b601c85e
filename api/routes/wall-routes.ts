/** What the wall shows as a whole: all tiles, the tenant, its sources. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { sourcesTile, tenantTile, tiles } from '../../core/contracts/tiles.ts'
import { text } from '../../core/contracts/wire.ts'
import { ApiError } from '../api-error.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, nowOf } from './api-context.ts'
import { axisField } from './query-fields.ts'

export function wallRoutes(app: FastifyInstance, context: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/wall',
    summary: 'All tiles at once',
    description: 'What a snapshot of the live websocket has, for those who poll.',
    query: z.object({ axis: axisField }),
    answer: z.object({ ...tenantField, eventTime: text, set: tiles }),
    async handle({ axis }, { tenant }) {
      const view = context.hub.view(tenant, axis)
      await view.firstRead
      const set = tiles.safeParse(view.state.tiles)
      // Values that were read before stay, and the health tile says what is the matter; without any there is no wall.
      if (!set.success) throw notReadYet(view.state.tiles.health?.warehouse !== 'up')
      return { tenant, eventTime: view.state.eventTime, set: set.data }
    },
  })

  defineRoute(app, {
    url: '/api/v1/tenant',
    summary: 'The tenant and its now',
    description:
      'Name, zone, currency, and the instant that counts as now: in a replay it is not the wall clock.',
    query: z.object({}),
    answer: z.object({ ...tenantTile.shape, now: text }),
    handle: (_query, principal) => ({
      ...context.hub.facts(principal.tenant).tiles().tenant,
      now: new Date(nowOf(context, principal)).toISOString(),
    }),
  })

  defineRoute(app, {
    url: '/api/v1/sources',
    summary: 'Sources and their freshness',
    description:
      'Up to which event time each source is complete, when it last answered, and when it last had something.',
    query: z.object({}),
    answer: z.object({ ...tenantField, sources: sourcesTile }),
    handle: (_query, { tenant }) => ({ tenant, sources: context.hub.facts(tenant).tiles().sources }),
  })
}

const notReadYet = (down: boolean) =>
  new ApiError(
    down ? 'WAREHOUSE_DOWN' : 'NOT_READY',
    'The wall has not been read yet; try again in a second.',
  )
