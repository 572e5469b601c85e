/** What happened when: deploys, promotions, changes of prices. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readAnnotation, readAnnotations } from '../../clickhouse/queries/read-notes.ts'
import { externalId, instant } from '../../core/contracts/fields.ts'
import {
  ANNOTATION_KINDS,
  type AnnotationEvent,
  annotation,
  isUntilAfterAt,
  noteText,
  UNTIL_FAULT,
} from '../../core/contracts/notes.ts'
import { text } from '../../core/contracts/wire.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import { ApiError } from '../api-error.ts'
import { defineAction } from '../define-action.ts'
import { defineRoute } from '../define-route.ts'
import { tenantField } from './answer-fields.ts'
import { type ApiContext, nowOf, rangeOf, tenantOf } from './api-context.ts'
import { appendNote } from './append-note.ts'
import { checkRange, rangeFields, wholeField } from './query-fields.ts'

export function annotationRoutes(app: FastifyInstance, context: ApiContext, log: EventLog): void {
  const { warehouse, database } = context

  defineRoute(app, {
    url: '/api/v1/annotations',
    summary: 'Annotations of a range of days',
    description:
      'What happened then, in the order of time: what began in the range or went on in it; of more than `limit` the newest.',
    query: z.object({ ...rangeFields, limit: wholeField(1, 1_000, 200) }).superRefine(checkRange),
    answer: z.object({ ...tenantField, from: text, to: text, annotations: z.array(annotation) }),
    async handle({ limit, ...asked }, principal) {
      const { id: tenant, timeZone } = tenantOf(context, principal)
      const range = rangeOf(context, principal, asked)
      const fromMs = startOfLocalDay(parseDay(range.from), timeZone)
      const toMs = startOfLocalDay(parseDay(range.to) + 1, timeZone)
      const annotations = await readAnnotations(warehouse, { database, tenant, fromMs, toMs, limit })
      return { tenant, ...range, annotations }
    },
  })

  defineAction(app, {
    url: '/api/v1/annotations/add',
    summary: 'Say what happened',
    description:
      'In the log durably when it is answered, on the walls within seconds. An `id` that is there already is replaced; without one it gets one.',
    role: 'operator',
    mayLocally: true,
    body: z
      .object({
        id: externalId.optional(),
        kind: z.enum(ANNOTATION_KINDS),
        at: instant.optional().describe('Default: the tenant’s now.'),
        until: instant.nullable().optional().describe('Not included; default: it is of a moment.'),
        text: noteText,
      })
      .refine(({ at, until }) => at === undefined || isUntilAfterAt({ at, until }), UNTIL_FAULT),
    answer: z.object({ ...tenantField, annotation }),
    async handle({ id = randomUUID(), kind, at, until = null, text: words }, principal) {
      const began = utc(at ?? new Date(nowOf(context, principal)).toISOString())
      const ended = until === null ? null : utc(until)
      if (!isUntilAfterAt({ at: began, until: ended }))
        throw new ApiError('BAD_REQUEST', 'until: after `at`', { details: [faultOfUntil] })
      const told = { id, kind, at: began, until: ended, text: words, by: principal.subject }
      await appendNote(log, eventOf(principal.tenant, told))
      return { tenant: principal.tenant, annotation: told }
    },
  })

  defineAction(app, {
    url: '/api/v1/annotations/remove',
    summary: 'Take an annotation back',
    description: 'It is on no wall and in no list any more; the log keeps that it was there.',
    role: 'operator',
    mayLocally: true,
    body: z.object({ id: externalId }),
    answer: z.object(tenantField),
    async handle({ id }, { tenant, subject }) {
      const known = await readAnnotation(warehouse, { database, tenant, id })
      if (known === undefined) throw new ApiError('NOT_FOUND', `There is no annotation ${id}.`)
      await appendNote(log, { ...eventOf(tenant, { ...known, by: subject }), removed: true })
      return { tenant }
    },
  })
}

const faultOfUntil = { path: 'until', message: UNTIL_FAULT.message }

type Told = Pick<AnnotationEvent, 'id' | 'kind' | 'at' | 'until' | 'text' | 'by'>

const eventOf = (tenant: string, told: Told): AnnotationEvent => ({
  ...{ type: 'annotation', schemaVersion: 1, tenant, ...told, removed: false },
})

/** To the millisecond, as it is stored. */
const utc = (at: string) => new Date(at).toISOString()
