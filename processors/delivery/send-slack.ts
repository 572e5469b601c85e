/**
 * One message for an incident, updated in place. Where it is stands in rows: written before anything else is done, as
 * without it the next event of the incident would make another one.
 *
 * Slack has no key that tells a post from its repetition. Where the answer to the first post was lost, and where the
 * process died before the row, the message may stand there, and nobody knows its ts: the next attempt makes another one,
 * which is the one that is updated from then on. The first stays as it was.
 */
import { z } from 'zod'
import {
  type IncidentMessage,
  MESSAGES_TABLE,
  readIncidentMessage,
} from '../../clickhouse/queries/delivery-state.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { AlertResult } from '../../core/contracts/results.ts'
import type { SlackEndpoint } from './endpoint-file.ts'
import type { KeepRows } from './keep-rows.ts'
import { done, noAnswer, type Outcome, refusal } from './outcome.ts'
import type { IncomingAnswer } from './send-request.ts'
import type { SendOptions } from './send-webhook.ts'
import { slackMessage } from './slack-message.ts'

const MAX_ANSWER_BYTES = 64 * 1_024
/** Somebody deleted the message: there is nothing to update. */
const MISSING: ReadonlySet<string> = new Set(['message_not_found', 'cant_update_message'])

const slackAnswer = z.object({
  ok: z.boolean(),
  error: z.string().default('no reason given'),
  channel: z.string().optional(),
  ts: z.string().optional(),
})
type SlackAnswer = IncomingAnswer & z.infer<typeof slackAnswer>

export interface SlackOptions extends SendOptions {
  warehouse: Warehouse
  now: () => number
  /** Resolves when they are stored, however long that takes. */
  keep: KeepRows
}

export async function sendSlack(
  endpoint: SlackEndpoint,
  alert: AlertResult,
  options: SlackOptions,
): Promise<Outcome> {
  const { data } = alert
  const shown = await readIncidentMessage(options.warehouse, keyOf(endpoint), data.dedupKey)
  // A retry that was overtaken must not show the past again.
  if (shown !== undefined && Date.parse(shown.shownAt) > Date.parse(data.computedAt))
    return done('superseded', 0)
  const answer = await write(endpoint, alert, shown, options).catch((error: unknown) => {
    options.signal.throwIfAborted()
    return noAnswer(error)
  })
  if (!('ok' in answer)) return answer
  if (!answer.ok) return refusal(answer, answer.error)
  const { channel = shown?.channel, ts = shown?.ts } = answer
  if (channel === undefined || ts === undefined) return refusal(answer, 'the answer names no message')
  const at = iso(options.now())
  const row = { ...keyOf(endpoint), dedup_key: data.dedupKey, channel, ts, shown_at: data.computedAt, at }
  await options.keep(MESSAGES_TABLE, [row])
  return done('delivered', answer.status)
}

async function write(
  endpoint: SlackEndpoint,
  alert: AlertResult,
  shown: IncidentMessage | undefined,
  options: SlackOptions,
): Promise<SlackAnswer> {
  const message = slackMessage(alert)
  if (shown !== undefined) {
    const { channel, ts } = shown
    const answer = await callSlack(endpoint, 'chat.update', { channel, ts, ...message }, options)
    if (answer.ok || !MISSING.has(answer.error)) return answer
  }
  return callSlack(endpoint, 'chat.postMessage', { channel: endpoint.channel, ...message }, options)
}

/** Rejects where there is no answer. What is no answer of Slack's is one that is not ok. */
export async function callSlack(
  { api, token }: SlackEndpoint,
  method: string,
  body: object,
  { send, timeoutMs, signal }: SendOptions,
): Promise<SlackAnswer> {
  const answer = await send({
    ...{ url: `${api.replace(/\/$/, '')}/${method}`, timeoutMs, signal, maxAnswerBytes: MAX_ANSWER_BYTES },
    headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
    body: Buffer.from(JSON.stringify(body)),
  })
  const told = slackAnswer.safeParse(parse(answer.body))
  return { ...answer, ...(told.data ?? { ok: false, error: `answered ${answer.status}` }) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // A page of some proxy; its status says what is wrong.
    return undefined
  }
}

const keyOf = ({ tenant, id }: SlackEndpoint) => ({ tenant, endpoint: id })
const iso = (ms: number) => new Date(ms).toISOString()
