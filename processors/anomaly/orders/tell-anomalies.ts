/** Unusual orders, told: events first, then their rows. Orders that have a row were told before a crash, and are not again. */
import { readToldEvents } from '../../../clickhouse/queries/read-anomalies.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { type KeyedEvent, sendEvents } from '../../send-events.ts'
import { alertEvent, anomalyEvent, anomalyRow, eventIdOf, type Finding } from './anomaly-rows.ts'
import type { FoundAnomaly } from './judge-orders.ts'

export interface Told {
  found: FoundAnomaly
  finding: Finding
}

export interface TellingOptions {
  warehouse: Warehouse
  database: string
  log: EventLog
  insert: (table: string, rows: readonly object[]) => Promise<void>
}

export async function tellAnomalies(
  all: readonly Told[],
  { warehouse, database, log, insert }: TellingOptions,
): Promise<void> {
  const ids = all.map(({ found }) => eventIdOf(found.watched.order))
  const before = await readToldEvents(warehouse, { database }, ids)
  const told = all.filter((_, at) => !before.has(ids[at]!))
  const severe = told.filter(({ found }) => found.severity === 'critical')
  await sendEvents(log, 'anomalies', eventsOf(told, anomalyEvent))
  await sendEvents(log, 'alerts', eventsOf(severe, alertEvent))
  await insert(
    'order_anomalies',
    told.map(({ found, finding }) => anomalyRow(found, finding)),
  )
}

function eventsOf(told: readonly Told[], event: (found: FoundAnomaly, finding: Finding) => KeyedEvent) {
  return told.map(({ found, finding }) => event(found, finding))
}
