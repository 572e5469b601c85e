/**
 * The file of endpoints, with what signs and opens: for its owner's eyes (0600), replaced whole. `revwall endpoints` writes
 * it; whoever delivers writes only that one is gone.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { DELIVERED_TOPICS } from '../../core/contracts/deliveries.ts'
import { label, tenant } from '../../core/contracts/fields.ts'
import { changeFile } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import { isSecret } from './sign-webhook.ts'

export const MAX_ENDPOINTS = 1_000
const MAX_SECRETS = 10

/** An address that requests go to: of the web, and without a login in it, which would stand in lists. */
export const webAddress = z
  .url({ protocol: /^https?$/, error: 'an http or https address' })
  .max(2_000)
  .refine((text) => !/^https?:\/\/[^/?#]*@/i.test(text), 'no user or password')

const head = {
  id: z.string().regex(/^ep_[0-9a-z]{8}$/),
  tenant,
  name: label.min(1).max(60),
  topics: z.array(z.enum(DELIVERED_TOPICS)).min(1),
  /** What was on the log before is not sent. */
  createdAt: z.iso.datetime(),
  /** Nothing is sent then, until somebody enables it. */
  disabled: z.object({ at: z.iso.datetime(), why: label }).nullable(),
}

const webhookEndpoint = z.strictObject({
  kind: z.literal('webhook'),
  ...head,
  url: webAddress,
  /** Each signs until it expires; the last one never does. */
  secrets: z
    .array(
      z.strictObject({
        secret: z.string().refine(isSecret, 'whsec_ and base64'),
        expiresAt: z.iso.datetime().nullable(),
      }),
    )
    .min(1)
    .max(MAX_SECRETS),
})
const slackEndpoint = z.strictObject({
  kind: z.literal('slack'),
  ...head,
  topics: z.tuple([z.literal('alerts')]),
  /** Where its methods are: https://slack.com/api. */
  api: webAddress,
  token: z.string().regex(/^[\x21-\x7e]{10,500}$/, 'a token has 10 to 500 characters and no spaces'),
  channel: z.string().regex(/^[\w#@.-]{1,80}$/, 'an id such as C0123456789, or a name'),
})
const endpoint = z.discriminatedUnion('kind', [webhookEndpoint, slackEndpoint])
const endpointFile = z.strictObject({
  version: z.literal(1),
  endpoints: z.array(endpoint).max(MAX_ENDPOINTS),
})

export type Endpoint = z.infer<typeof endpoint>
export type WebhookEndpoint = z.infer<typeof webhookEndpoint>
export type SlackEndpoint = z.infer<typeof slackEndpoint>

export function endpointFilePath(dataFolder: string): string {
  return join(dataFolder, 'endpoints.json')
}

/** None where there is no file. Throws `ENDPOINTS_UNREADABLE`, without a word of what stands in it. */
export function readEndpoints(path: string): Endpoint[] {
  try {
    return endpointFile.parse(JSON.parse(readFileSync(path, 'utf8'))).endpoints
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return []
    const why = cause instanceof SyntaxError ? 'it is no JSON' : errorMessage(cause).slice(0, 300)
    throw new RevwallError('ENDPOINTS_UNREADABLE', `${path} cannot be read: ${why}. Mend it or restore it.`)
  }
}

/** Reads, changes and replaces. Throws `ENDPOINTS_UNREADABLE`, `ENDPOINTS_BUSY`, `TOO_MANY_ENDPOINTS` and what `change` throws. */
export async function changeEndpoints(
  path: string,
  clock: Clock,
  change: (endpoints: readonly Endpoint[]) => readonly Endpoint[],
): Promise<void> {
  const text = () => {
    const endpoints = change(readEndpoints(path))
    if (endpoints.length > MAX_ENDPOINTS)
      throw new RevwallError('TOO_MANY_ENDPOINTS', `there can be ${MAX_ENDPOINTS} endpoints`)
    return `${JSON.stringify(endpointFile.parse({ version: 1, endpoints }), undefined, 2)}\n`
  }
  await changeFile({ path, clock, busyCode: 'ENDPOINTS_BUSY', change: text })
}

/** What signs at this moment, the newest first. */
export function openSecrets({ secrets }: WebhookEndpoint, nowMs: number): string[] {
  const open = secrets.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > nowMs)
  return open.map(({ secret }) => secret).reverse()
}
