/** Screens and links of a tenant: who has one, another one, none any more. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { DEFAULT_SHARE_DAYS, givenName, MAX_SHARE_DAYS, screen, share } from '../../core/contracts/access.ts'
import { text } from '../../core/contracts/wire.ts'
import { errorCode, errorMessage } from '../../core/runtime/errors.ts'
import { ApiError } from '../api-error.ts'
import { approveScreen, listScreens, revokeScreen } from '../auth/screens.ts'
import { createShare, listShares, revokeShare } from '../auth/shares.ts'
import { defineAction } from '../define-action.ts'
import { defineRoute } from '../define-route.ts'
import type { AccessContext } from './access-routes.ts'
import { tenantField } from './answer-fields.ts'

const done = z.object({})
const id = z.string().regex(/^[0-9a-f]{12}$/, 'an id that the list has')

export function passRoutes(app: FastifyInstance, context: AccessContext): void {
  const { logger, onEnded } = context

  defineRoute(app, {
    url: '/api/v1/screens',
    summary: 'Screens',
    description: 'TVs that show the wall of this tenant, and when each was seen last.',
    role: 'admin',
    query: z.object({}),
    answer: z.object({ ...tenantField, screens: z.array(screen) }),
    handle: (_query, { tenant }) => ({
      tenant,
      screens: listScreens(context, [tenant]).map(({ tenant: _, ...each }) => each),
    }),
  })

  defineAction(app, {
    url: '/api/v1/screens/approve',
    summary: 'Let a screen in',
    description:
      'By the code that it shows; from then on it has the wall of this tenant until it is revoked.',
    role: 'operator',
    body: z.object({ code: z.string().max(20), name: givenName }),
    answer: z.object({ screen }),
    handle({ code, name }, { tenant, subject }) {
      const approved = refusing(() => approveScreen(context, { code, name, tenant, by: subject }))
      logger.info('a screen was let in', { screen: approved.id, tenant, by: subject })
      return { screen: approved }
    },
  })

  defineAction(app, {
    url: '/api/v1/screens/revoke',
    summary: 'Shut a screen out',
    description: 'It goes back to its code at once.',
    role: 'admin',
    body: z.object({ id }),
    answer: done,
    handle({ id }, { tenant, subject }) {
      if (!revokeScreen(context, id, [tenant])) throw new ApiError('NOT_FOUND', 'There is no such screen.')
      onEnded()
      logger.info('a screen was revoked', { screen: id, tenant, by: subject })
      return {}
    },
  })

  defineRoute(app, {
    url: '/api/v1/shares',
    summary: 'Links',
    description: 'Links to the wall of this tenant that have not expired.',
    role: 'admin',
    query: z.object({}),
    answer: z.object({ ...tenantField, shares: z.array(share) }),
    handle: (_query, { tenant }) => ({
      tenant,
      shares: listShares(context, [tenant]).map(({ tenant: _, ...each }) => each),
    }),
  })

  defineAction(app, {
    url: '/api/v1/shares/add',
    summary: 'Make a link',
    description:
      'Whoever has it sees the wall of this tenant, and nothing else, until it expires. It is told once.',
    role: 'admin',
    body: z.object({
      name: givenName,
      days: z.number().positive().max(MAX_SHARE_DAYS).default(DEFAULT_SHARE_DAYS),
    }),
    answer: z.object({ share, path: text }),
    handle({ name, days }, { tenant, subject }) {
      const { share, token } = refusing(() => createShare(context, { name, tenant, days, by: subject }))
      logger.info('a link was made', { share: share.id, tenant, by: subject, days })
      return { share, path: `/share#${token}` }
    },
  })

  defineAction(app, {
    url: '/api/v1/shares/revoke',
    summary: 'End a link',
    description: 'Whoever came by it is shut out at once.',
    role: 'admin',
    body: z.object({ id }),
    answer: done,
    handle({ id }, { tenant, subject }) {
      if (!revokeShare(context, id, [tenant])) throw new ApiError('NOT_FOUND', 'There is no such link.')
      onEnded()
      logger.info('a link was revoked', { share: id, tenant, by: subject })
      return {}
    },
  })
}

const CODES: ReadonlySet<string> = new Set(['UNKNOWN_CODE', 'TOO_MANY_SCREENS', 'TOO_MANY_SHARES'])

/** What is theirs to mend is told them. */
function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!CODES.has(errorCode(cause) ?? '')) throw cause
    throw new ApiError('CONFLICT', errorMessage(cause), { cause })
  }
}
