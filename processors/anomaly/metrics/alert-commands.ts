/**
 * What people ask about alerts, from the topic `commands`: acknowledge, silence. The position is remembered behind the rows,
 * so that after a crash some are taken again; an incident that has them changes by none of them twice.
 */
import { readAnomaliesById, type StoredAnomaly } from '../../../clickhouse/queries/read-anomalies.ts'
import { readIncidentsById } from '../../../clickhouse/queries/read-incidents.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { type AlertCommand, command } from '../../../core/contracts/commands.ts'
import type { EventLog, LogRecord } from '../../../core/log/event-log.ts'
import { parseRecord } from '../../../core/log/parse-record.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import type { IncidentBook, Kept } from './incident-book.ts'
import { keptOf } from './incident-rows.ts'

const TOPIC = 'commands'
const PARTITION = 0
const LIMITS = { maxRecords: 1_000, maxBytes: 2 ** 20 }

export const alertCommandsGroup = (run: string) => `alert-commands-${run}`

export interface CommandReader {
  /** Those that came since; the next call goes on behind them. */
  read(): Promise<AlertCommand[]>
  /** What was read is done. */
  commit(): Promise<void>
}

export async function openCommands(log: EventLog, run: string, logger: Logger): Promise<CommandReader> {
  const group = alertCommandsGroup(run)
  const { first } = await log.bounds(TOPIC, PARTITION)
  let committed = Math.max(first, (await log.committed(group, TOPIC, PARTITION)) ?? 0)
  let next = committed
  return {
    async read() {
      const records = await log.read(TOPIC, PARTITION, next, LIMITS)
      next = (records.at(-1)?.offset ?? next - 1) + 1
      return records.flatMap((record) => commandOf(record, logger))
    },
    async commit() {
      if (next === committed) return
      await log.commit(group, TOPIC, PARTITION, next)
      committed = next
    },
  }
}

function commandOf(record: LogRecord, logger: Logger): AlertCommand[] {
  const asked = parseRecord(record, command)
  // A newer version may ask for what this one does not know.
  if (asked === undefined) logger.debug('a command is not known here', { offset: record.offset })
  return asked?.type === 'alert.acknowledge' || asked?.type === 'alert.silence' ? [asked] : []
}

/** `nowMs`: the wall clock. What is asked of an incident that is over, or that never was, changes nothing. */
export async function applyCommand(
  asked: AlertCommand,
  book: IncidentBook,
  { warehouse, database, nowMs }: { warehouse: Warehouse; database: string; nowMs: number },
): Promise<void> {
  const { tenant, alertId } = asked
  const kept = book.find(tenant, alertId) ?? (await findOrder(warehouse, { database, tenant }, alertId))
  if (kept === undefined) return
  book.adopt(kept)
  const atMs = Date.parse(asked.at)
  if (asked.type === 'alert.acknowledge')
    return book.step(kept, { type: 'acknowledge', atMs, owner: asked.by })
  const untilMs = Date.parse(asked.until)
  // Read again after its end, it must not begin anew.
  if (untilMs > nowMs) book.step(kept, { type: 'silence', atMs, owner: asked.owner, untilMs })
}

/** An unusual order becomes an incident when somebody takes it up. */
async function findOrder(
  warehouse: Warehouse,
  scope: { database: string; tenant: string },
  alertId: string,
): Promise<Kept | undefined> {
  const [stored] = await readIncidentsById(warehouse, scope, [alertId])
  if (stored !== undefined) return stored.state === 'resolved' ? undefined : keptOf(stored)
  const [order] = await readAnomaliesById(warehouse, scope, [alertId])
  return order === undefined ? undefined : orderIncident(scope.tenant, order)
}

function orderIncident(tenant: string, order: StoredAnomaly): Kept {
  const { eventId, orderId, severity, observed, expected, currency, modelVersion } = order
  const openedAtMs = Date.parse(order.detectedAt)
  const placedAtMs = Date.parse(order.placedAt)
  const group = `${tenant}/order/${eventId}`
  return {
    ...{ tenant, alertId: eventId, revision: 0 },
    incident: {
      ...{ dedupKey: `order/${eventId}`, group, state: 'open', silence: null, acknowledgedBy: null },
      ...{ openedAtMs, changedAtMs: openedAtMs, resolvedAtMs: null, severity },
      latest: {
        ...{ kind: 'order', group, tenant, subject: orderId, severity },
        ...{ part: null, direction: null, cause: null },
        ...{ observed: Number(observed), expected: expected === null ? Number.NaN : Number(expected) },
        ...{ low: Number.NaN, high: Number.NaN, z: 0, contributors: [] },
      },
    },
    sighting: {
      window: { fromMs: placedAtMs, toMs: placedAtMs },
      ...{ nowMs: openedAtMs, currency, model: `orders-${modelVersion}` },
    },
  }
}
