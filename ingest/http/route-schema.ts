/** The routes as OpenAPI has them. Documentation only: the compiled schemas judge what comes in. */
import { z } from 'zod'
import { externalId, instant, tenant } from '../../core/contracts/fields.ts'
import { ANNOTATION_KINDS, noteText } from '../../core/contracts/notes.ts'
import { cancellationEvent, orderEvent, paymentEvent, refundEvent } from '../../core/contracts/order.ts'
import { INGEST_ERRORS } from './ingest-error.ts'
import { REJECTION_CODES } from './judge-event.ts'
import { MAX_BODY_BYTES, MAX_ITEMS, MAX_REJECTED_LISTED } from './limits.ts'
import { CONTENT_TYPES } from './read-items.ts'

const optional = { schemaVersion: z.literal(1).optional(), tenant: tenant.optional() }

const event = z.discriminatedUnion('type', [
  orderEvent.extend(optional),
  refundEvent.extend(optional),
  paymentEvent.extend(optional),
  cancellationEvent.extend(optional),
])

const rejection = z.object({
  index: z.int().nonnegative().describe('Place in the list, or line; from 0.'),
  id: z.string().optional().describe('The order id that it claims.'),
  code: z.enum(REJECTION_CODES),
  message: z.string().describe('What is wrong, where, and what is expected there.'),
})

const taken = {
  accepted: z.int().nonnegative().describe('Events that are in the log now, durably.'),
  rejectedCount: z.int().nonnegative(),
  rejected: z.array(rejection).max(MAX_REJECTED_LISTED).describe('The first of them; the others passed.'),
}

const error = {
  error: z.object({
    code: z.enum(Object.keys(INGEST_ERRORS) as [string, ...string[]]),
    message: z.string().describe('What is wrong, and what to do about it.'),
    details: z.array(z.object({ path: z.string(), message: z.string() })),
  }),
}

const REFUSALS: [status: number, description: string][] = [
  [401, 'No key, or one that is unknown or revoked.'],
  [408, 'The body did not come in time.'],
  [413, `More than ${MAX_BODY_BYTES} bytes or ${MAX_ITEMS} events; nothing was taken.`],
  [415, 'Another content type or encoding.'],
  [503, 'Nothing was taken, for the log or the room is full; send it again after Retry-After.'],
]

const RESPONSES = {
  202: { description: 'Some were taken.', ...jsonSchema(z.object(taken)) },
  400: {
    description: 'It cannot be read, or all were rejected.',
    ...jsonSchema(z.object({ ...error, ...z.object(taken).partial().shape })),
  },
  ...Object.fromEntries(
    REFUSALS.map(([status, description]) => [status, { description, ...jsonSchema(z.object(error)) }]),
  ),
}

export const ORDERS_SCHEMA = schemaOf({
  summary: 'Push orders, refunds, payments and cancellations',
  description:
    'One event, a list, or {"orders": […]}; as NDJSON one a line. With a key in Authorization: Bearer. What is right is taken, what is not is told item by item. Sending again changes nothing.',
  body: z.union([event, z.array(z.unknown()), z.object({ orders: z.array(z.unknown()) })]),
})

/** `by` is the key. */
const annotation = z.object({
  ...{ ...optional, id: externalId, kind: z.enum(ANNOTATION_KINDS), text: noteText },
  at: instant.optional().describe('Default: now.'),
  until: instant.nullable().optional().describe('Default: it is of a moment.'),
})

export const ANNOTATIONS_SCHEMA = schemaOf({
  summary: 'Push annotations: deploys, promotions, changes of prices',
  description:
    'One, or a list; as NDJSON one a line. With a key in Authorization: Bearer, as a build server does it. The same `id` again replaces what was there.',
  body: z.union([annotation, z.array(z.unknown())]),
})

function schemaOf({ body, ...told }: { summary: string; description: string; body: z.ZodType }) {
  return {
    schema: {
      ...told,
      consumes: [...CONTENT_TYPES],
      body: jsonSchema(body),
      response: RESPONSES,
    },
    validatorCompiler: () => () => true,
    serializerCompiler: () => (data: unknown) => JSON.stringify(data),
  } as const
}

function jsonSchema(schema: z.ZodType): Record<string, unknown> {
  const options = { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' } as const
  const { $schema: _, ...rest } = z.toJSONSchema(schema, options)
  return rest
}
