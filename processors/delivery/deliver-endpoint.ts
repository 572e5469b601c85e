/**
 * One endpoint, alone: what the others do does not touch it. In rounds: what is due again and what the log has new is
 * attempted, a few at once; then
 *
 * 1. their rows are stored, however long it takes, and only then
 * 2. the position: so that nothing is passed over that has no row.
 *
 * A crash before 1 sends them again, with the same ids, for the receiver to know them by.
 */
import { DELIVERIES_TABLE, POSITIONS_TABLE, readMessages } from '../../clickhouse/queries/delivery-state.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import type { DeliveryMetrics, QueueState } from './delivery-metrics.ts'
import { deliveryRow, type Message, newMessage, type Turn, turned } from './delivery-rows.ts'
import type { Endpoint } from './endpoint-file.ts'
import { keepRows } from './keep-rows.ts'
import type { Outcome } from './outcome.ts'
import type { OutgoingEvent } from './read-event.ts'
import { GIVE_UP_MS, retryAfterMs, retryDelayMs } from './retry-schedule.ts'
import type { SendRequest } from './send-request.ts'
import { sendSlack } from './send-slack.ts'
import { sendWebhook } from './send-webhook.ts'
import { findEvent, openTaker } from './take-events.ts'

export interface DeliveryLimits {
  /** Of an attempt, from its name's look-up to its answer. */
  timeoutMs: number
  /** Of one endpoint; Slack takes one after the other. */
  atOnce: number
  /** What waits for another attempt. When it is full the log is not read any further: it keeps the rest. */
  maxQueued: number
  idleMs: number
}

export const DELIVERY_LIMITS: DeliveryLimits = {
  timeoutMs: 15_000,
  atOnce: 8,
  maxQueued: 1_000,
  idleMs: 1_000,
}

export interface DeliveryPorts {
  warehouse: Warehouse
  log: EventLog
  clock: Clock
  /** In [0, 1). */
  random: () => number
  send: SendRequest
  logger: Logger
}

export interface EndpointOptions extends DeliveryPorts {
  endpoint: Endpoint
  metrics: DeliveryMetrics
  limits: DeliveryLimits
  signal: AbortSignal
  /** It answered that it is gone. */
  onGone: () => Promise<void>
  /** Between what was sent and its row; for tests. */
  afterSend?: (() => Promise<void>) | undefined
}

export interface EndpointDelivery {
  /** Until the signal. Called again after it threw, it goes on from what is stored. */
  run(onSuccess: () => void): Promise<void>
  /** Somebody put rows beside ours. */
  refresh(): void
  queue(): QueueState
}

/** A position that passed over others' events alone is stored at most so often. */
const POSITIONS_INTERVAL_MS = 5_000

export function deliverEndpoint(options: EndpointOptions): EndpointDelivery {
  const { endpoint, warehouse, log, clock, limits, signal, metrics } = options
  const key = { tenant: endpoint.tenant, endpoint: endpoint.id }
  const keep = keepRows({ ...options, name: `delivery:${endpoint.id}` })
  const queue = new Map<string, Message>()
  /** Where Retry-After says so, nothing is sent before. */
  let pausedUntilMs = 0
  let isStale = true
  let isGone = false
  let isGoneTold = false

  async function run(onSuccess: () => void): Promise<void> {
    const taker = await openTaker(options)
    let positionsAtMs = 0
    isStale = true
    while (!signal.aborted) {
      if (isStale) await restore()
      if (isGone && !isGoneTold) await tellGone()
      const isOpen = !isGone && clock.now() >= pausedUntilMs
      const messages = isOpen ? [...due(), ...(await takeNew())] : []
      await storeTurns(await attemptAll(messages))
      if (messages.length > 0 || clock.now() - positionsAtMs >= POSITIONS_INTERVAL_MS) {
        await storePositions()
        positionsAtMs = clock.now()
      }
      onSuccess()
      if (messages.length === 0) await idle(isOpen && queue.size < limits.maxQueued)
    }

    async function takeNew(): Promise<Message[]> {
      const room = Math.min(limits.atOnce, limits.maxQueued - queue.size)
      if (room <= 0) return []
      const taken = await taker.take(room)
      const fresh = new Map(
        taken.map((each) => [each.event.messageId, newMessage(each, log.incarnation, clock.now())]),
      )
      // Told twice, or sent before a crash that came before the position.
      for (const { messageId } of await readMessages(warehouse, key, { ids: [...fresh.keys()], limit: room }))
        fresh.delete(messageId)
      return [...fresh.values()]
    }

    async function storePositions(): Promise<void> {
      const at = iso(clock.now())
      const { incarnation } = log
      await keep(
        POSITIONS_TABLE,
        taker.moved().map((position) => ({ ...key, incarnation, ...position, at })),
      )
    }

    /** The log is waited on only where what it has would be taken. */
    function idle(isReading: boolean): Promise<void> {
      const next = Math.min(...[...queue.values()].map(({ nextAttemptMs }) => nextAttemptMs))
      const waitMs = Math.max(1, Math.min(limits.idleMs, next - clock.now()))
      return isReading ? taker.wait(waitMs, signal) : clock.sleep(waitMs, signal)
    }
  }

  async function tellGone(): Promise<void> {
    await options.onGone()
    isGoneTold = true
  }

  async function restore(): Promise<void> {
    isStale = false
    const waiting = await readMessages(warehouse, key, {
      ...{ statuses: ['queued', 'retrying'], limit: limits.maxQueued },
    })
    queue.clear()
    for (const message of waiting) queue.set(message.messageId, message)
  }

  function due(): Message[] {
    const now = clock.now()
    const all = [...queue.values()].filter(({ nextAttemptMs }) => nextAttemptMs <= now)
    return all.sort((a, b) => a.nextAttemptMs - b.nextAttemptMs).slice(0, limits.atOnce)
  }

  /** What can fail of our own comes before anything is sent. */
  async function attemptAll(messages: readonly Message[]): Promise<[Message, Turn][]> {
    const found = await Promise.all(messages.map((message) => message.event ?? findEvent(log, message)))
    const turn = async (message: Message, at: number): Promise<[Message, Turn]> => [
      message,
      await attempt(message, found[at]),
    ]
    if (endpoint.kind === 'webhook') return Promise.all(messages.map(turn))
    const turns: [Message, Turn][] = []
    for (const [at, message] of messages.entries()) turns.push(await turn(message, at))
    return turns
  }

  async function attempt(message: Message, event: OutgoingEvent | undefined): Promise<Turn> {
    const atMs = clock.now()
    const unsent = { status: 'queued', atMs, attempt: message.attempt } as const
    if (event === undefined) return { ...unsent, ...NEVER, error: 'the log has not got its event any more' }
    if (atMs < pausedUntilMs) return { ...unsent, nextAttemptMs: pausedUntilMs }
    const outcome = await sendOne(event, atMs)
    await options.afterSend?.()
    return turnOf(message, outcome, atMs)
  }

  function sendOne(event: OutgoingEvent, atMs: number): Promise<Outcome> {
    const sending = { send: options.send, timeoutMs: limits.timeoutMs, signal }
    if (endpoint.kind === 'slack')
      return sendSlack(endpoint, event.alert!, { ...sending, warehouse, now: clock.now, keep })
    return sendWebhook(endpoint, { id: event.messageId, body: event.body, atMs }, sending)
  }

  function turnOf(message: Message, outcome: Outcome, atMs: number): Turn {
    const { result, httpStatus, error } = outcome
    const now = clock.now()
    const attempt = message.attempt + 1
    const told = { atMs, attempt, httpStatus, error, durationMs: now - atMs }
    if (result !== 'failed') return { ...told, status: result, nextAttemptMs: 0 }
    const wanted = retryAfterMs(outcome.retryAfter, now)
    if (wanted !== undefined) pausedUntilMs = Math.max(pausedUntilMs, now + wanted)
    if (outcome.isGone) isGone = true
    const nextAttemptMs = now + Math.max(wanted ?? 0, retryDelayMs(attempt, options.random()))
    if (outcome.isGone || nextAttemptMs > message.giveUpMs) return { ...told, ...NEVER }
    return { ...told, status: 'retrying', nextAttemptMs }
  }

  async function storeTurns(turns: readonly [Message, Turn][]): Promise<void> {
    const after = turns.map(([message, turn]) => ({ message: turned(message, turn), turn }))
    await keep(
      DELIVERIES_TABLE,
      after.map(({ message, turn }) => deliveryRow(endpoint, message, turn)),
    )
    const wasFull = queue.size >= limits.maxQueued
    for (const { message, turn } of after) {
      // Nothing was sent then.
      if (turn.status !== 'queued') metrics.count(endpoint.kind, turn.status)
      if (turn.nextAttemptMs > 0) queue.set(message.messageId, message)
      else queue.delete(message.messageId)
    }
    // What did not fit when it was restored comes now.
    if (wasFull && queue.size < limits.maxQueued) isStale = true
  }

  return {
    run,
    refresh: () => {
      isStale = true
    },
    queue: () => ({ queued: queue.size, oldestMs: oldestIn(queue) }),
  }
}

const NEVER = { status: 'dead', nextAttemptMs: 0 } as const

function oldestIn(queue: ReadonlyMap<string, Message>): number | undefined {
  const all = [...queue.values()].map(({ giveUpMs }) => giveUpMs - GIVE_UP_MS)
  return all.length === 0 ? undefined : Math.min(...all)
}

const iso = (ms: number) => new Date(ms).toISOString()
