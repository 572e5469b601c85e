/**
 * The one way into the log: orders and the progress behind them in one append, so that the position is never ahead of
 * them nor behind. Customers and products are other topics and go first: a kill in between repeats some, under the same
 * version, which changes nothing.
 */
import { encodeOrdersEvent } from '../../../core/contracts/encode-event.ts'
import type { SourceProgress } from '../../../core/contracts/source-progress.ts'
import { type EventLog, type NewRecord, partitionOf } from '../../../core/log/event-log.ts'
import { isPassingLogError } from '../../../core/log/passing-error.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { errorMessage } from '../../../core/runtime/errors.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import { formatPosition, type Position } from './position.ts'
import type { SimulatedRecord } from './simulation.ts'

export interface FeedOptions {
  log: EventLog
  clock: Clock
  logger: Logger
  tenant: string
  source: string
  upToMs: number | undefined
  /** Waits while the log is full or cannot be reached, instead of throwing. */
  patient: boolean
}

export interface Feed {
  /** Events are encoded as they come, which spreads the work; they wait for `send`. */
  add(record: SimulatedRecord): void
  readonly waiting: number
  readonly waitingBytes: number
  /** Records sent so far by this process, without progress. */
  readonly sent: number
  /** Appends what waits, and behind it the progress. `upToMs` never goes back. */
  send(
    progress: { upToMs: number; mode: SourceProgress['mode']; position: Position },
    signal?: AbortSignal,
  ): Promise<void>
}

const FULL_RETRY_MS = 2_000
const TOPICS_FED = ['orders', 'customers', 'products'] as const
type Topic = (typeof TOPICS_FED)[number]

export function createFeed(options: FeedOptions): Feed {
  const { log, clock, logger, tenant, source } = options
  const records = new Map(TOPICS_FED.map((topic): [Topic, NewRecord[]] => [topic, []]))
  let waiting = 0
  let waitingBytes = 0
  let upToMs = options.upToMs ?? 0
  let sent = 0

  async function append(topic: Topic, more: readonly NewRecord[], signal?: AbortSignal): Promise<void> {
    const all = [...records.get(topic)!, ...more]
    if (all.length === 0) return
    for (;;) {
      try {
        await log.append(topic, all)
        records.set(topic, [])
        return
      } catch (error) {
        if (!options.patient || !isPassingLogError(error) || signal?.aborted) throw error
        logger.error('the log takes nothing; the simulation waits', { source, why: errorMessage(error) })
        await clock.sleep(FULL_RETRY_MS, signal)
      }
    }
  }

  return {
    add({ topic, key, event }) {
      const at = { partition: partitionOf(key, log.partitions(topic)), key }
      const record =
        event.type === 'customer' || event.type === 'product'
          ? jsonRecord(at, event)
          : { ...at, ...encodeOrdersEvent(event) }
      records.get(topic)!.push(record)
      waiting += 1
      waitingBytes += record.value.byteLength
    },
    get waiting() {
      return waiting
    },
    get waitingBytes() {
      return waitingBytes
    },
    get sent() {
      return sent
    },
    async send({ upToMs: reachedMs, mode, position }, signal) {
      const reached = Math.max(upToMs, Math.floor(reachedMs))
      await append('products', [], signal)
      await append('customers', [], signal)
      const event: SourceProgress = {
        type: 'source.progress',
        schemaVersion: 1,
        tenant,
        source,
        role: 'sale',
        upTo: new Date(reached).toISOString(),
        polledAt: new Date(clock.now()).toISOString(),
        mode,
        speed: 1,
        pass: null,
        note: formatPosition(position),
      }
      const key = progressKey(tenant, source)
      const everywhere = Array.from({ length: log.partitions('orders') }, (_, partition) =>
        jsonRecord({ partition, key }, event),
      )
      await append('orders', everywhere, signal)
      sent += waiting
      waiting = 0
      waitingBytes = 0
      upToMs = reached
    },
  }
}

export function progressKey(tenant: string, source: string): string {
  return `${tenant}/${source}`
}

/** Progress is JSON whatever form orders have: the position is read back from it. */
function jsonRecord(at: { partition: number; key: string }, event: object): NewRecord {
  return { ...at, value: Buffer.from(JSON.stringify(event)), contentType: 'application/json' }
}
