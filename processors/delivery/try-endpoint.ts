/** One trial to an endpoint, past log and rows: for whoever has just made it. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '../../core/runtime/clock.ts'
import { DELIVERY_LIMITS } from './deliver-endpoint.ts'
import type { Endpoint } from './endpoint-file.ts'
import { done, noAnswer, type Outcome, refusal } from './outcome.ts'
import type { SendRequest } from './send-request.ts'
import { callSlack } from './send-slack.ts'
import { sendWebhook } from './send-webhook.ts'

export interface TrialOptions {
  send: SendRequest
  clock: Clock
  signal: AbortSignal
}

const TEXT = 'A trial of revwall: alerts will come here.'

export async function tryEndpoint(
  endpoint: Endpoint,
  { send, clock, signal }: TrialOptions,
): Promise<Outcome> {
  const sending = { send, timeoutMs: DELIVERY_LIMITS.timeoutMs, signal }
  if (endpoint.kind === 'webhook') {
    const id = `msg_trial${randomBytes(16).toString('hex')}`
    const atMs = clock.now()
    return sendWebhook(endpoint, { id, body: trialBody(endpoint.tenant, id, atMs), atMs }, sending)
  }
  try {
    const answer = await callSlack(
      endpoint,
      'chat.postMessage',
      { channel: endpoint.channel, text: TEXT },
      sending,
    )
    return answer.ok ? done('delivered', answer.status) : refusal(answer, answer.error)
  } catch (error) {
    return noAnswer(error)
  }
}

/** Of a type that nobody takes for an alert. */
function trialBody(tenant: string, id: string, atMs: number): Uint8Array {
  const event = {
    ...{ specversion: '1.0', type: 'revwall.trial.v1', id, source: `/tenants/${tenant}`, subject: 'trial' },
    ...{ time: new Date(atMs).toISOString(), datacontenttype: 'application/json' },
    data: { schemaVersion: 1, tenant, text: TEXT },
  }
  return Buffer.from(JSON.stringify(event))
}
