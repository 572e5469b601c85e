import { openSecrets, type WebhookEndpoint } from './endpoint-file.ts'
import { done, noAnswer, type Outcome, refusal } from './outcome.ts'
import type { SendRequest } from './send-request.ts'
import { webhookHeaders } from './sign-webhook.ts'

export interface WebhookMessage {
  id: string
  body: Uint8Array
  atMs: number
}

export interface SendOptions {
  send: SendRequest
  timeoutMs: number
  signal: AbortSignal
}

const GONE = 410

/** Any 2xx is a yes, and 410 for ever a no; its body is not read. A redirect is not followed: it would be signed for others. */
export async function sendWebhook(
  endpoint: WebhookEndpoint,
  { id, body, atMs }: WebhookMessage,
  { send, timeoutMs, signal }: SendOptions,
): Promise<Outcome> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'revwall',
    ...webhookHeaders({ id, atMs, body, secrets: openSecrets(endpoint, atMs) }),
  }
  try {
    const answer = await send({ url: endpoint.url, headers, body, timeoutMs, maxAnswerBytes: 0, signal })
    const { status } = answer
    if (status >= 200 && status < 300) return done('delivered', status)
    return { ...refusal(answer, `answered ${status}`), isGone: status === GONE }
  } catch (error) {
    signal.throwIfAborted()
    return noAnswer(error)
  }
}
