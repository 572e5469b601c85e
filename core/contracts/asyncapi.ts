/**
 * What other systems may subscribe to, as AsyncAPI 3.0: the result topics of the log, and the webhooks that carry the same
 * events. Made of the contracts, so that it cannot say anything else than they do.
 */
import { z } from 'zod'
import { DELIVERED_TOPICS } from './deliveries.ts'
import { alertResult, anomalyResult, forecastResult, segmentResult } from './results.ts'
import { TOPICS } from './topics.ts'

const MESSAGES = {
  segments: { name: 'segment', title: 'A customer moved to another segment', schema: segmentResult },
  forecasts: { name: 'forecast', title: 'One step of a forecast', schema: forecastResult },
  anomalies: { name: 'anomaly', title: 'Something unusual was found', schema: anomalyResult },
  alerts: { name: 'alert', title: 'Somebody should look at it now', schema: alertResult },
} as const
type ResultTopic = keyof typeof MESSAGES
const RESULT_TOPICS = Object.keys(MESSAGES) as ResultTopic[]

type Json = Record<string, unknown>

/** A JSON document. */
export function asyncapiDocument(version: string): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'revwall',
      version,
      description:
        'What revwall computes, for other systems. Events may come twice; each says by what it is known again. Money is decimal strings, instants are ISO 8601. A consumer passes over fields that it does not know: there may be more.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: { ...Object.fromEntries(RESULT_TOPICS.map((topic) => [topic, topicChannel(topic)])), webhooks },
    operations: {
      ...Object.fromEntries(RESULT_TOPICS.map((topic) => [`publish-${topic}`, operationOn(topic)])),
      'send-webhook': {
        ...operationOn('webhooks'),
        bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
      },
    },
    components: {
      messages: Object.fromEntries(
        RESULT_TOPICS.flatMap((topic) => {
          const { name } = MESSAGES[topic]
          const onLog = [name, messageOf(topic)] as const
          return isDelivered(topic)
            ? [onLog, [`${name}-webhook`, { ...messageOf(topic), headers: webhookHeaders }] as const]
            : [onLog]
        }),
      ),
    },
  }
}

const isDelivered = (topic: ResultTopic) => (DELIVERED_TOPICS as readonly string[]).includes(topic)

function topicChannel(topic: ResultTopic): Json {
  const { key, partitions, retentionMs } = TOPICS[topic]
  const { name } = MESSAGES[topic]
  return {
    address: topic,
    description: `A topic of the log. Its key is ${key}; events of one key keep their order.`,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    bindings: {
      kafka: {
        partitions,
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': retentionMs },
        bindingVersion: '0.5.0',
      },
    },
  }
}

const webhooks: Json = {
  // The address is the receiver's.
  address: null,
  description:
    'The same events by POST to an address of yours, signed by Standard Webhooks. Any 2xx takes it; 410 ends it all; anything else is tried again, for three days.',
  messages: Object.fromEntries(
    RESULT_TOPICS.filter(isDelivered).map((topic) => {
      const name = `${MESSAGES[topic].name}-webhook`
      return [name, { $ref: `#/components/messages/${name}` }]
    }),
  ),
}

const webhookHeaders: Json = {
  type: 'object',
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  properties: {
    'webhook-id': { type: 'string', description: 'The same for the same event, always: take it once.' },
    'webhook-timestamp': {
      type: 'string',
      description: 'When it was sent, seconds since 1970: refuse what is old.',
    },
    'webhook-signature': {
      type: 'string',
      description:
        '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, by the key behind `whsec_` in base64; several with spaces between, while a secret is changed.',
    },
  },
}

const operationOn = (channel: string): Json => ({
  action: 'send',
  channel: { $ref: `#/channels/${channel}` },
})

function messageOf(topic: ResultTopic): Json {
  const { name, title, schema } = MESSAGES[topic]
  return { name, title, contentType: 'application/json', payload: payloadOf(schema) }
}

/** As a reader may hold them against: open to fields that come later. */
function payloadOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    ...{ io: 'input', target: 'draft-7', unrepresentable: 'any' },
  })
  return rest
}
