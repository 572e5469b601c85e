/** A message on its way to an endpoint, and its rows. */
import type { MessageState } from '../../clickhouse/queries/delivery-state.ts'
import type { DeliveryStatus } from '../../core/contracts/deliveries.ts'
import type { Endpoint } from './endpoint-file.ts'
import type { OutgoingEvent } from './read-event.ts'
import { GIVE_UP_MS } from './retry-schedule.ts'
import type { TakenEvent } from './take-events.ts'

export interface Message extends MessageState {
  /** As it was taken; else the log has it. */
  event?: OutgoingEvent
}

/** Without a row yet, and due at once. */
export function newMessage({ event, ...place }: TakenEvent, incarnation: string, nowMs: number): Message {
  const { messageId, dedupKey } = event
  return {
    ...{ messageId, revision: 0, incarnation, ...place, dedupKey, event },
    ...{ status: 'queued', attempt: 0, nextAttemptMs: nowMs, giveUpMs: nowMs + GIVE_UP_MS, askedBy: '' },
  }
}

/** What became of it now. */
export interface Turn {
  status: DeliveryStatus
  atMs: number
  attempt: number
  /** 0: never. */
  nextAttemptMs: number
  httpStatus?: number
  error?: string
  durationMs?: number
  giveUpMs?: number
  askedBy?: string
  commandId?: string
}

export function turned({ event: _, ...message }: Message, turn: Turn): Message {
  const { status, attempt, nextAttemptMs, giveUpMs = message.giveUpMs, askedBy = message.askedBy } = turn
  return {
    ...{ ...message, revision: message.revision + 1, status, attempt, nextAttemptMs, giveUpMs, askedBy },
  }
}

/** `message` is as it is after the turn. */
export function deliveryRow(
  { tenant, id, name, kind }: Pick<Endpoint, 'tenant' | 'id' | 'name' | 'kind'>,
  message: Message,
  { atMs, httpStatus = 0, error = '', durationMs = 0, commandId = '' }: Turn,
) {
  const { messageId, revision, topic, incarnation, partition, offset, dedupKey, status, attempt } = message
  return {
    ...{ tenant, endpoint: id, endpoint_name: name, kind, message_id: messageId, revision, topic },
    ...{ incarnation, partition, offset, dedup_key: dedupKey, attempt, at: iso(atMs), status },
    ...{ http_status: httpStatus, error, duration_ms: durationMs },
    ...{ next_attempt_at: iso(message.nextAttemptMs), give_up_at: iso(message.giveUpMs) },
    ...{ asked_by: message.askedBy, command_id: commandId },
  }
}

const iso = (ms: number) => new Date(ms).toISOString()
