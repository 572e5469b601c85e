import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorCode } from '../../core/runtime/errors.ts'
import { errorBody, INGEST_ERRORS, IngestError } from './ingest-error.ts'
import type { Taken } from './take-request.ts'

/** Long enough for a disk to be freed or a burst to pass, short enough for a till. */
const RETRY_AFTER_SECONDS = 5

/** 202 with what was rejected; 400 where that is all. */
export function answerTaken(reply: FastifyReply, taken: Taken): FastifyReply {
  if (taken.accepted > 0) return send(reply, 202, taken)
  const message = taken.rejectedCount === 0 ? 'There are no events in it.' : 'All events were rejected.'
  return send(reply, INGEST_ERRORS.NOTHING_ACCEPTED, { ...errorBody('NOTHING_ACCEPTED', message), ...taken })
}

/** What is not of this room is thrown on to the handler of the app around it. */
export function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const told = error instanceof IngestError ? error : refusalOf(error)
  if (told === undefined) throw error
  const status = INGEST_ERRORS[told.code]
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS)
  return send(reply, status, errorBody(told.code, told.message))
}

/** Fastify's own refusals: no or another content type, a length that is a lie. */
function refusalOf(error: unknown): IngestError | undefined {
  const { statusCode, message = '' } = (error ?? {}) as { statusCode?: number; message?: string }
  if (!(errorCode(error) ?? '').startsWith('FST_')) return undefined
  if (statusCode === 415)
    return new IngestError('UNSUPPORTED_MEDIA_TYPE', 'content-type: application/json or application/x-ndjson')
  return statusCode === 400 || statusCode === 413 ? new IngestError('BAD_REQUEST', message) : undefined
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').serializer(JSON.stringify).send(body)
}
