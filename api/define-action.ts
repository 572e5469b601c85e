import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Role } from '../core/contracts/access.ts'
import { type Principal, principalOf } from './auth/principal.ts'
import { ERROR_RESPONSES, jsonSchema, parseQuery, tenantQuery, WITHOUT_AJV } from './define-route.ts'

const MAX_BODY_BYTES = 16 * 1_024

interface Action<Body extends z.ZodObject, Answer extends z.ZodType> {
  url: string
  summary: string
  description: string
  body: Body
  answer: Answer
}

/** Of whoever has a principal. */
export interface ActionDefinition<Body extends z.ZodObject, Answer extends z.ZodType>
  extends Action<Body, Answer> {
  role: Role
  /** Also for whoever is on this machine where there are no logins: there is nobody of any other role. */
  isForLocal?: boolean
  handle(
    body: z.infer<Body>,
    principal: Principal,
    exchange: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<z.infer<Answer>> | z.infer<Answer>
}

/** Of anybody: how one comes in. */
export interface OpenActionDefinition<Body extends z.ZodObject, Answer extends z.ZodType>
  extends Action<Body, Answer> {
  handle(
    body: z.infer<Body>,
    exchange: { request: FastifyRequest; reply: FastifyReply },
  ): Promise<z.infer<Answer>> | z.infer<Answer>
}

/** A POST that changes something: only from a page of ours (`wantsOrigin`), and with JSON, which no form can send. */
export function defineAction<Body extends z.ZodObject, Answer extends z.ZodType>(
  app: FastifyInstance,
  action: ActionDefinition<Body, Answer>,
): void {
  const query = z.strictObject(tenantQuery)
  register(app, action, {
    schema: { querystring: jsonSchema(query, 'input') },
    config: { role: action.role, isForLocal: action.isForLocal ?? false, wantsOrigin: true },
    handle: (body, exchange) => {
      parseQuery(query, query, exchange.request.query)
      return action.handle(body, principalOf(exchange.request), exchange)
    },
  })
}

export function defineOpenAction<Body extends z.ZodObject, Answer extends z.ZodType>(
  app: FastifyInstance,
  action: OpenActionDefinition<Body, Answer>,
): void {
  register(app, action, { schema: {}, config: { public: true, wantsOrigin: true }, handle: action.handle })
}

function register<Body extends z.ZodObject, Answer extends z.ZodType>(
  app: FastifyInstance,
  { url, summary, description, body, answer }: Action<Body, Answer>,
  more: {
    schema: object
    config: { role?: Role; isForLocal?: boolean; public?: boolean; wantsOrigin: true }
    handle: OpenActionDefinition<Body, Answer>['handle']
  },
): void {
  const strict = z.strictObject(body.shape)
  app.route({
    method: 'POST',
    url,
    bodyLimit: MAX_BODY_BYTES,
    schema: {
      summary,
      description,
      ...more.schema,
      body: jsonSchema(strict, 'input'),
      response: {
        200: { description: 'Done.', ...jsonSchema(answer, 'output') },
        ...ERROR_RESPONSES,
      },
    },
    config: more.config,
    ...WITHOUT_AJV,
    handler: (request, reply) => {
      // What is told of logins is nobody else's, and of this moment.
      reply.header('cache-control', 'no-store')
      return more.handle(parseQuery(body, strict, request.body ?? {}), { request, reply })
    },
  })
}
