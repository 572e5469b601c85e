/** What somebody asked for on `commands`: messages to be sent once more, from the first attempt on. */
import {
  DELIVERIES_TABLE,
  isCommandDone,
  POSITIONS_TABLE,
  readMessages,
  readPositions,
} from '../../clickhouse/queries/delivery-state.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { type ReplayDelivery, replayDelivery } from '../../core/contracts/deliveries.ts'
import type { EventLog, LogRecord } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { deliveryRow, type Turn, turned } from './delivery-rows.ts'
import type { Endpoint } from './endpoint-file.ts'
import type { KeepRows } from './keep-rows.ts'
import { GIVE_UP_MS } from './retry-schedule.ts'

export interface ReplayOptions {
  warehouse: Warehouse
  log: EventLog
  clock: Clock
  keep: KeepRows
  find: (id: string) => Endpoint | undefined
  /** An endpoint has messages that it does not know of. */
  onQueued: (id: string) => void
}

const TOPIC = 'commands'
const PARTITION = 0
/** Commands are of no endpoint. */
const KEY = { tenant: '', endpoint: '' }
const READ_LIMITS = { maxRecords: 100, maxBytes: 2 ** 20 }
/** Of one command; who has more asks again. */
const MAX_REPLAYED = 10_000

export interface Replays {
  /** Waits for so long, if there is nothing to do. */
  takeCommands(timeoutMs: number, signal: AbortSignal): Promise<void>
}

export async function openReplays(options: ReplayOptions): Promise<Replays> {
  const { warehouse, log, clock, keep } = options
  const [stored] = await readPositions(warehouse, KEY, log.incarnation)
  const { first } = await log.bounds(TOPIC, PARTITION)
  let next = Math.max(first, stored?.next ?? 0)
  return {
    async takeCommands(timeoutMs, signal) {
      if (!(await log.waitForRecords(TOPIC, new Map([[PARTITION, next]]), timeoutMs, signal))) return
      const records = await log.read(TOPIC, PARTITION, next, READ_LIMITS)
      if (records.length === 0) return
      for (const record of records) {
        const command = commandIn(record)
        if (command !== undefined) await replay(command, options)
      }
      // Behind the rows: who reads a command again finds that it was done.
      next = records.at(-1)!.offset + 1
      const at = new Date(clock.now()).toISOString()
      const position = { ...KEY, incarnation: log.incarnation, topic: TOPIC, partition: PARTITION, next, at }
      await keep(POSITIONS_TABLE, [position])
    },
  }
}

/** Undefined for the commands of others. */
function commandIn({ value }: LogRecord): ReplayDelivery | undefined {
  try {
    return replayDelivery.safeParse(JSON.parse(Buffer.from(value).toString('utf8'))).data
  } catch {
    // No JSON, so no command: who reads them all says so.
    return undefined
  }
}

async function replay(command: ReplayDelivery, options: ReplayOptions): Promise<void> {
  const { warehouse, clock, keep, find, onQueued } = options
  const { tenant, messageId, by: askedBy, commandId } = command
  const endpoint = find(command.endpoint)
  // Removed since, or somebody else's.
  if (endpoint === undefined || endpoint.tenant !== tenant) return
  const key = { tenant, endpoint: endpoint.id }
  if (await isCommandDone(warehouse, key, commandId)) return
  const messages = await readMessages(warehouse, key, {
    ...(messageId === undefined ? {} : { ids: [messageId] }),
    statuses: messageId === undefined ? ['dead'] : ['dead', 'delivered', 'superseded'],
    limit: MAX_REPLAYED,
  })
  const atMs = clock.now()
  const turn: Turn = {
    ...{ status: 'queued', atMs, attempt: 0, nextAttemptMs: atMs, giveUpMs: atMs + GIVE_UP_MS },
    ...{ askedBy, commandId },
  }
  await keep(
    DELIVERIES_TABLE,
    messages.map((message) => deliveryRow(endpoint, turned(message, turn), turn)),
  )
  onQueued(endpoint.id)
}
