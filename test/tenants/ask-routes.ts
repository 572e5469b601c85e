/** Every question that the api's own document allows: a route that comes later is asked without a word here. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { COMMON_ORDER, FROM, HUDSON, LONE_ORDER, SOURCE, THAMES, TO } from './shops.ts'
import { WHO } from './tenant-world.ts'

const openapi = z.object({
  paths: z.record(
    z.string(),
    z.object({
      get: z
        .object({
          parameters: z
            .array(
              z.object({
                name: z.string(),
                in: z.string(),
                schema: z.object({ enum: z.array(z.string()).optional() }),
              }),
            )
            .default([]),
        })
        .optional(),
    }),
  ),
})

export interface Question {
  /** As the document has it: `/api/v1/orders/{source}/{id}`. */
  route: string
  path: string
  /** All days and as many rows as there may be, nothing else asked. */
  isWhole: boolean
}

export interface Answer {
  status: number
  text: string
}

/** What always goes with a question that takes it. */
const WHOLE: Record<string, string> = {
  from: FROM,
  to: TO,
  limit: '200',
  offset: '0',
  day: '2025-10-26',
  cohorts: '60',
}
const BOTH = [HUDSON, THAMES]
/** What is tried, one at a time. Where the document lists the values, these are tried. */
const TRIED: Record<string, readonly string[]> = {
  ...Object.fromEntries(Object.keys(WHOLE).map((name) => [name, []])),
  day: ['2025-03-09', '2025-03-30', '2025-11-02'],
  tenant: BOTH.map(({ tenant }) => tenant.id),
  currency: [...new Set(BOTH.flatMap(({ shop }) => shop.currencies))],
  to_currency: BOTH.map(({ tenant }) => tenant.currency),
  country: BOTH.map(({ shop }) => shop.countries[0]!),
  channel: ['web', ''],
  region: ['North', ''],
  state: ['', 'SP'],
  rep: ['', 'Ines'],
  customer: ['c1', 'c7', ''],
  source: [SOURCE],
  key: ['Norway'],
  q: [...BOTH.map(({ tenant }) => tenant.name), 'SKU', 'c', 'A/'],
  cursor: [],
  segment: ['champions', 'lost'],
  version: ['1'],
  minScore: ['0.5', '1'],
  revision: ['1'],
  fromMinute: ['60'],
  toMinute: ['720'],
  endpoint: BOTH.map(({ tenant }) => `ep_${tenant.id}`),
}
const OF_PATHS: Record<string, readonly string[]> = {
  source: [SOURCE],
  id: [COMMON_ORDER, LONE_ORDER],
  customer: ['c1', 'c2', 'c3'],
}

export async function readQuestions(app: FastifyInstance): Promise<Question[]> {
  const { body } = await app.inject('/openapi.json')
  return Object.entries(openapi.parse(JSON.parse(body)).paths).flatMap(([route, { get }]) =>
    get === undefined ? [] : questionsOf(route, get.parameters),
  )
}

type Parameters = NonNullable<z.infer<typeof openapi>['paths'][string]['get']>['parameters']

function questionsOf(route: string, parameters: Parameters): Question[] {
  const asked = parameters.filter((parameter) => parameter.in === 'query')
  const whole = asked.flatMap(({ name }) => (WHOLE[name] === undefined ? [] : [[name, WHOLE[name]] as const]))
  const tries = asked.flatMap(({ name, schema }) =>
    (schema.enum ?? known(TRIED, name, route)).map((value) => [name, value] as const),
  )
  return pathsOf(route).flatMap((path) => {
    const question = (more: Iterable<readonly [string, string]>, isWhole: boolean) => {
      const query = new URLSearchParams(Object.fromEntries([...whole, ...more])).toString()
      return { route, path: query === '' ? path : `${path}?${query}`, isWhole }
    }
    return [question([], true), ...tries.map((one) => question([one], false))]
  })
}

function pathsOf(route: string): string[] {
  const name = /\{(\w+)\}/.exec(route)?.[1]
  if (name === undefined) return [route]
  return known(OF_PATHS, name, route).flatMap((value) =>
    pathsOf(route.replace(`{${name}}`, encodeURIComponent(value))),
  )
}

function known(values: typeof TRIED, name: string, route: string): readonly string[] {
  const found = values[name]
  if (found === undefined) throw new Error(`${route} takes ${name}: say in ask-routes.ts what to ask with it`)
  return found
}

/** Without `who`, as nobody. */
export async function ask(app: FastifyInstance, path: string, who?: string): Promise<Answer> {
  const headers = who === undefined ? {} : { [WHO]: who }
  const { statusCode, body } = await app.inject({ url: path, headers })
  return { status: statusCode, text: body }
}
