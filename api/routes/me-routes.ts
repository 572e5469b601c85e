import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { me } from '../../core/contracts/access.ts'
import { defineRoute } from '../define-route.ts'
import type { ApiContext } from './api-context.ts'

export function meRoutes(app: FastifyInstance, { tenants }: ApiContext): void {
  defineRoute(app, {
    url: '/api/v1/me',
    summary: 'Who asks',
    description:
      'As whom the request is answered, what that may do, and whose walls it may see. `local`: there are no users, and whoever is on the machine looks at it.',
    query: z.object({}),
    answer: me,
    handle: (_query, { subject, role, tenant, pass }) => ({
      kind: pass?.kind ?? ('local' as const),
      ...{ subject, role, tenant },
      tenants: (pass?.tenants ?? [tenant]).map((id) => ({ id, name: tenants.get(id)?.name ?? id })),
    }),
  })
}
