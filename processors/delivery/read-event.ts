/** Events of the log as what is sent: the bytes as they stand there, and an id that is the same whenever they are told. */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { DeliveredTopic } from '../../core/contracts/deliveries.ts'
import { type AlertResult, alertResult, anomalyResult, segmentResult } from '../../core/contracts/results.ts'
import type { LogRecord } from '../../core/log/event-log.ts'

export interface OutgoingEvent {
  tenant: string
  /** webhook-id. */
  messageId: string
  /** Of the incident; empty: of none. */
  dedupKey: string
  body: Uint8Array
  /** Of an alert alone. */
  alert: AlertResult | undefined
}

/** What tells one event from another, told twice or not: producers give the same id then. */
interface Identity {
  tenant: string
  parts: readonly (string | number)[]
  dedupKey: string
  alert?: AlertResult
}

const READERS: Record<DeliveredTopic, (raw: unknown, record: LogRecord) => Identity | undefined> = {
  // One alert is told in several states.
  alerts: reader(alertResult, (alert) => ({
    tenant: alert.data.tenant,
    parts: [alert.source, alert.id, alert.data.state],
    dedupKey: alert.data.dedupKey,
    alert,
  })),
  anomalies: reader(anomalyResult, ({ source, id, data }) => ({
    tenant: data.tenant,
    parts: [source, id],
    dedupKey: data.dedupKey,
  })),
  segments: reader(segmentResult, ({ tenant, customerId, eventId }, { offset, appendedAt }) => ({
    tenant,
    parts: eventId === undefined ? [customerId, offset, appendedAt] : [customerId, eventId],
    dedupKey: '',
  })),
}

function reader<Schema extends z.ZodType>(
  schema: Schema,
  identify: (event: z.infer<Schema>, record: LogRecord) => Identity,
) {
  return (raw: unknown, record: LogRecord): Identity | undefined => {
    const { success, data } = schema.safeParse(raw)
    return success ? identify(data, record) : undefined
  }
}

/** Undefined for what is no event of its topic. */
export function readEvent(topic: DeliveredTopic, record: LogRecord): OutgoingEvent | undefined {
  const found = READERS[topic](parse(record.value), record)
  if (found === undefined) return undefined
  const { tenant, parts, dedupKey, alert } = found
  const text = JSON.stringify([topic, tenant, ...parts])
  const messageId = `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
  return { tenant, messageId, dedupKey, body: record.value, alert }
}

function parse(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8'))
  } catch {
    // No JSON: no schema takes it.
    return undefined
  }
}
