/** How one comes in and goes: login, logout, a TV's code, a link. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { MAX_PASSWORD_CHARS, type PairingState, pairingState } from '../../core/contracts/access.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { ApiError } from '../api-error.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { type Access, SCREEN_SESSION_MS, stampOf, USER_SESSION_MS } from '../auth/access.ts'
import { createAttempts } from '../auth/attempts.ts'
import { type CookieJar, pairingCookies } from '../auth/cookies.ts'
import { verifyPassword } from '../auth/hash-password.ts'
import { askForCode, askForScreen, PAIRING_MS } from '../auth/screens.ts'
import { openShare } from '../auth/shares.ts'
import { hashOf } from '../auth/tokens.ts'
import { defineAction, defineOpenAction } from '../define-action.ts'

export interface AccessContext {
  access: Access
  cookies: CookieJar
  clock: Clock
  logger: Logger
  metrics: ApiMetrics
  /** Looks at once whose websockets have to be closed. */
  onEnded: () => void
}

const nothing = z.object({})

export function accessRoutes(app: FastifyInstance, context: AccessContext): void {
  const { access, cookies, clock, logger, metrics, onEnded } = context
  const attempts = createAttempts(clock)
  const requireLogins = () => {
    if (!access.areLoginsWanted())
      throw new ApiError('CONFLICT', 'There are no users here; `revwall users add` makes the first one.')
  }
  // The session before is over: nobody goes on with one that somebody else gave him.
  const endFormer = (request: FastifyRequest) => {
    const former = cookies.read(request)
    if (former !== undefined) access.end(hashOf(former))
  }

  defineOpenAction(app, {
    url: '/api/v1/login',
    summary: 'Log in',
    description:
      'Sets the cookie of a session. After some failures each further one makes the next wait longer.',
    body: z.object({ name: z.string().max(100), password: z.string().max(MAX_PASSWORD_CHARS) }),
    answer: nothing,
    async handle({ name: typed, password }, { request, reply }) {
      requireLogins()
      const name = typed.trim().toLowerCase()
      const waitMs = attempts.waitMs(name, request.ip)
      if (waitMs > 0) {
        metrics.logins.inc({ by: 'user', result: 'limited' })
        throw new ApiError('TOO_MANY_TRIES', `Too many tries; wait ${Math.ceil(waitMs / 1_000)} s.`, {
          retryAfterMs: waitMs,
        })
      }
      const user = access.users.find(name)
      // Counted before it is known: tries that are made at the same time are not one.
      attempts.failed(name, request.ip)
      if (!(await verifyPassword(password, user?.password)) || user === undefined) {
        metrics.logins.inc({ by: 'user', result: 'refused' })
        throw new ApiError('UNAUTHORIZED', 'Name or password is not right.')
      }
      attempts.succeeded(name, request.ip)
      endFormer(request)
      const { secret } = access.begin('user', user.name, { forMs: USER_SESSION_MS, stamp: stampOf(user) })
      cookies.write(request, reply, secret, USER_SESSION_MS)
      metrics.logins.inc({ by: 'user', result: 'done' })
      logger.info('a user logged in', { user: user.name, address: request.ip })
      return {}
    },
  })

  defineAction(app, {
    url: '/api/v1/logout',
    summary: 'Log out',
    description: 'Ends the session; its walls are closed at once.',
    role: 'viewer',
    body: nothing,
    answer: nothing,
    handle(_body, { subject }, { request, reply }) {
      endFormer(request)
      cookies.clear(request, reply)
      onEnded()
      logger.info('logged out', { subject })
      return {}
    },
  })

  const tv = pairingCookies(access.store.id)
  defineOpenAction(app, {
    url: '/api/v1/pairing',
    summary: 'A code for a TV, or what became of it',
    description:
      'Asked again and again by a TV that nobody logged in: a code to show while it waits; approved, the cookie of its session.',
    body: nothing,
    answer: pairingState,
    handle(_body, { request, reply }): PairingState {
      requireLogins()
      const [code = '', secret = ''] =
        /^([A-Z0-9]{6})_([\w-]{43})$/.exec(tv.read(request) ?? '')?.slice(1) ?? []
      const state = code === '' ? undefined : askForScreen(context, { code, secret })
      if (state?.state === 'waiting')
        return { state: 'waiting', code, expiresAt: new Date(state.expiresAt).toISOString() }
      if (state?.state === 'approved') {
        cookies.write(request, reply, state.secret, SCREEN_SESSION_MS)
        metrics.logins.inc({ by: 'screen', result: 'done' })
        return { state: 'approved' }
      }
      const waiting = orTooMany(() => askForCode(context, request.ip))
      tv.write(request, reply, `${waiting.code}_${waiting.secret}`, PAIRING_MS)
      return { state: 'waiting', code: waiting.code, expiresAt: new Date(waiting.expiresAt).toISOString() }
    },
  })

  defineOpenAction(app, {
    url: '/api/v1/share',
    summary: 'Open a link',
    description: 'Gives the token of a link back for the cookie of a session that ends with it.',
    body: z.object({ token: z.string().max(200) }),
    answer: nothing,
    handle({ token }, { request, reply }) {
      requireLogins()
      const opened = openShare(context, token)
      metrics.logins.inc({ by: 'share', result: opened === undefined ? 'refused' : 'done' })
      if (opened === undefined) throw new ApiError('UNAUTHORIZED', 'This link is over; ask for another one.')
      // Whoever is logged in, and tries his own link, stays who he is.
      const former = cookies.read(request)
      if (former !== undefined && access.find(hashOf(former))?.kind === 'user') return {}
      endFormer(request)
      cookies.write(request, reply, opened.secret, opened.forMs)
      logger.info('a link was opened', { share: opened.id, address: request.ip })
      return {}
    },
  })
}

function orTooMany<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof RevwallError)) throw cause
    throw new ApiError('TOO_MANY_TRIES', cause.message, { cause })
  }
}
