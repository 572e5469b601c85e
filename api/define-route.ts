import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Role } from '../core/contracts/access.ts'
import { API_ERRORS, ApiError, type ApiErrorCode } from './api-error.ts'
import { type Principal, principalOf } from './auth/principal.ts'

/** One GET route: its contract as zod schemas, which are also its documentation, and what answers it. */
export interface RouteDefinition<
  Query extends z.ZodObject,
  Answer extends z.ZodType,
  Params extends z.ZodObject = z.ZodObject,
> {
  url: string
  /** The least that one must be. Default: viewer. */
  role?: Role
  /** Where there are no users, whoever is on this machine may too. */
  mayLocally?: boolean
  /** Of the `:names` in `url`; without it there are none. */
  params?: Params
  summary: string
  description: string
  /** Without `tenant`, which every route takes. */
  query: Query
  answer: Answer
  handle(
    query: z.infer<Query>,
    principal: Principal,
    params: z.infer<Params>,
  ): Promise<z.infer<Answer>> | z.infer<Answer>
}

export const errorAnswer = z.object({
  error: z.object({
    code: z.enum(Object.keys(API_ERRORS) as [ApiErrorCode, ...ApiErrorCode[]]),
    message: z.string().describe('What is wrong, and what to do about it.'),
    details: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .describe('Each fault of the request.'),
  }),
})

export const tenantQuery = {
  tenant: z
    .string()
    .max(63)
    .optional()
    .describe('Among the tenants that the principal may see. Default: its own.'),
}

export function defineRoute<
  Query extends z.ZodObject,
  Answer extends z.ZodType,
  Params extends z.ZodObject = z.ZodObject,
>(app: FastifyInstance, route: RouteDefinition<Query, Answer, Params>): void {
  const query = z.strictObject({ ...route.query.shape, ...tenantQuery })
  const params = (route.params ?? z.object({})) as Params
  app.route({
    method: 'GET',
    url: route.url,
    schema: {
      summary: route.summary,
      description: route.description,
      querystring: jsonSchema(query, 'input'),
      ...(route.params === undefined ? {} : { params: jsonSchema(params, 'input') }),
      response: {
        200: { description: 'The answer.', ...jsonSchema(route.answer, 'output') },
        ...ERROR_RESPONSES,
      },
    },
    ...(route.role === undefined
      ? {}
      : { config: { role: route.role, mayLocally: route.mayLocally ?? false } }),
    ...WITHOUT_AJV,
    handler: (request) => {
      const principal = principalOf(request)
      const asked = parseQuery(route.query, query, request.query)
      return route.handle(asked, principal, parseQuery(params, params, request.params))
    },
  })
}

/** The schemas above are documentation: zod parses what comes in, and what goes out is typed by it. */
export const WITHOUT_AJV = {
  validatorCompiler: () => () => true,
  serializerCompiler: () => (data: unknown) => JSON.stringify(data),
} as const

export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  })
  return rest
}

export const ERROR_RESPONSES = Object.fromEntries(
  [
    [400, 'The request has faults; all of them are named.'],
    [401, 'There are logins here, and this came without one.'],
    [403, 'Not for this principal, or not under this host name.'],
    [503, 'Not at the moment; `code` says why.'],
  ].map(([status, description]) => [status, { description, ...jsonSchema(errorAnswer, 'output') }]),
)

// Two parses: the strict one finds names that do not exist, the route's own has its checks between fields.
export function parseQuery<Query extends z.ZodObject>(
  own: Query,
  strict: z.ZodObject,
  given: unknown,
): z.infer<Query> {
  const faults = strict.safeParse(given).error ?? own.safeParse(given).error
  if (faults === undefined) return own.parse(given)
  const details = faults.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const message = details
    .map((fault) => (fault.path ? `${fault.path}: ${fault.message}` : fault.message))
    .join('; ')
  throw new ApiError('BAD_REQUEST', message, { details })
}
