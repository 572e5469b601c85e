import type { FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import { isFromThisMachine } from './local-principal.ts'
import { sameText } from './tokens.ts'

/** Metrics name tenants and tell how they do. Where there is a token it is wanted from everybody. */
export function requireMetricsReader(request: FastifyRequest, token: string | undefined): void {
  const { authorization = '' } = request.headers
  if (token === undefined ? isFromThisMachine(request) : sameText(authorization, `Bearer ${token}`)) return
  throw new ApiError('UNAUTHORIZED', 'Metrics want the bearer token that REVWALL_METRICS_TOKEN has.')
}
