/** The panel of deliveries out of the api's answer. */
import type { DeliveryStatus, EndpointKind } from '../../../core/contracts/deliveries.ts'
import { formatMoment } from '../access/format-seen.ts'
import { formatWhole } from '../format/format-number.ts'
import { messages } from '../messages.ts'

export interface DeliveriesAnswer {
  /** Those that anything was sent to. */
  endpoints: DeliveryEndpoint[]
  total: number
  deliveries: Delivery[]
}

export interface DeliveryEndpoint {
  endpoint: string
  endpointName: string
  kind: EndpointKind
  /** Messages by what became of them. */
  delivered: number
  waiting: number
  dead: number
  lastAt: string
  /** Empty: it did not fail. */
  lastError: string
}

/** An attempt, or that somebody asked for another one. */
export interface Delivery {
  endpoint: string
  endpointName: string
  messageId: string
  topic: string
  /** Empty: it is of no incident. */
  dedupKey: string
  /** 0: nothing was sent. */
  attempt: number
  at: string
  status: DeliveryStatus
  httpStatus: number | null
  error: string
  nextAttemptAt: string | null
  askedBy: string
  /** What became of its message. */
  isNewest: boolean
}

export interface Choice {
  /** Empty: of all. */
  endpoint: string
  isDeadOnly: boolean
}

/** What the api is asked, without the tenant. */
export function questionOf({ endpoint, isDeadOnly }: Choice): string {
  const query = new URLSearchParams()
  if (endpoint !== '') query.set('endpoint', endpoint)
  if (isDeadOnly) query.set('outcome', 'dead')
  return query.toString()
}

/** What is told of an attempt beside what became of it. */
export function describeAttempt(row: Delivery, zone: string): string {
  const text = messages.deliveries
  return [
    formatMoment(row.at, zone, 'medium'),
    row.attempt > 0 ? text.attempt(formatWhole(row.attempt)) : '',
    row.httpStatus === null ? '' : text.http(row.httpStatus),
    row.nextAttemptAt === null ? '' : text.next(formatMoment(row.nextAttemptAt, zone, 'medium')),
    row.askedBy === '' ? '' : text.askedBy(row.askedBy),
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

/** Why it failed, as the server said it; empty where its status has said so. */
export function whyOf({ error, httpStatus }: Delivery): string {
  return error === `answered ${httpStatus}` ? '' : error
}

/** "order/577077": what it was about. */
export const subjectOf = ({ dedupKey, messageId }: Delivery) => (dedupKey === '' ? messageId : dedupKey)

/** Given up, and nobody has asked for it since. */
export const isRevivable = ({ status, isNewest }: Delivery) => isNewest && status === 'dead'
