/** What a processor that delivers reads to go on where it was. These tables are of all runs. */
import type { DeliveryStatus } from '../../core/contracts/deliveries.ts'
import { CONTROL_DATABASE } from '../migrations/read-migrations.ts'
import type { Warehouse } from '../warehouse.ts'
import { QUIET } from './read-buyers.ts'
import { toIso } from './scope.ts'

export const DELIVERIES_TABLE = `${CONTROL_DATABASE}.deliveries`
export const POSITIONS_TABLE = `${CONTROL_DATABASE}.delivery_positions`
export const MESSAGES_TABLE = `${CONTROL_DATABASE}.incident_messages`

/** Whose; empty both for what is of no endpoint. */
export interface EndpointKey {
  tenant: string
  endpoint: string
}

/** The newest row of a message at an endpoint. */
export interface MessageState {
  messageId: string
  revision: number
  topic: string
  incarnation: string
  partition: number
  offset: number
  dedupKey: string
  status: DeliveryStatus
  attempt: number
  nextAttemptMs: number
  giveUpMs: number
  askedBy: string
}

export interface MessageFilter {
  /** Default: of any status. */
  statuses?: readonly DeliveryStatus[]
  ids?: readonly string[]
  limit: number
}

/** Those that are due first come first. */
export async function readMessages(
  warehouse: Warehouse,
  { tenant, endpoint }: EndpointKey,
  { statuses = [], ids, limit }: MessageFilter,
): Promise<MessageState[]> {
  if (ids?.length === 0) return []
  const rows = await warehouse.query<MessageRow>(
    `SELECT message_id, revision, topic, incarnation, partition, offset, dedup_key, status, attempt, asked_by,
       toUnixTimestamp64Milli(next_attempt_at) AS next_ms, toUnixTimestamp64Milli(give_up_at) AS give_up_ms
     FROM (
       SELECT * FROM ${DELIVERIES_TABLE}
       WHERE tenant = {tenant:String} AND endpoint = {endpoint:String}${ids === undefined ? '' : ' AND message_id IN {ids:Array(String)}'}
       ORDER BY revision DESC LIMIT 1 BY message_id)
     WHERE ${statuses.length === 0 ? '1' : 'status IN {statuses:Array(String)}'}
     ORDER BY next_attempt_at, message_id LIMIT {limit:UInt32}`,
    { params: { tenant, endpoint, statuses, limit, ...(ids && { ids }) }, settings: QUIET },
  )
  return rows.map((row) => ({
    ...{ messageId: row.message_id, revision: row.revision, topic: row.topic, incarnation: row.incarnation },
    ...{ partition: row.partition, offset: Number(row.offset), dedupKey: row.dedup_key, status: row.status },
    ...{ attempt: row.attempt, nextAttemptMs: Number(row.next_ms), giveUpMs: Number(row.give_up_ms) },
    askedBy: row.asked_by,
  }))
}

interface MessageRow {
  message_id: string
  revision: number
  topic: string
  incarnation: string
  partition: number
  offset: string
  dedup_key: string
  status: DeliveryStatus
  attempt: number
  asked_by: string
  next_ms: string
  give_up_ms: string
}

/** Whether a command was done already: it is read again after a crash. */
export async function isCommandDone(
  warehouse: Warehouse,
  { tenant, endpoint }: EndpointKey,
  commandId: string,
): Promise<boolean> {
  const rows = await warehouse.query(
    `SELECT 1 FROM ${DELIVERIES_TABLE}
     WHERE tenant = {tenant:String} AND endpoint = {endpoint:String} AND command_id = {commandId:String} LIMIT 1`,
    { params: { tenant, endpoint, commandId }, settings: QUIET },
  )
  return rows.length > 0
}

export interface Position {
  topic: string
  partition: number
  /** The offset that is to be looked at next. */
  next: number
}

export async function readPositions(
  warehouse: Warehouse,
  { tenant, endpoint }: EndpointKey,
  incarnation: string,
): Promise<Position[]> {
  const rows = await warehouse.query<{ topic: string; partition: number; next: string }>(
    `SELECT topic, partition, next FROM ${POSITIONS_TABLE} FINAL
     WHERE tenant = {tenant:String} AND endpoint = {endpoint:String} AND incarnation = {incarnation:String}`,
    { params: { tenant, endpoint, incarnation }, settings: QUIET },
  )
  return rows.map(({ next, ...row }) => ({ ...row, next: Number(next) }))
}

/** Where an incident is shown. */
export interface IncidentMessage {
  channel: string
  ts: string
  /** Of what it shows: when that was computed, ISO 8601. */
  shownAt: string
}

export async function readIncidentMessage(
  warehouse: Warehouse,
  { tenant, endpoint }: EndpointKey,
  dedupKey: string,
): Promise<IncidentMessage | undefined> {
  const rows = await warehouse.query<{ channel: string; ts: string; shown_at: string }>(
    `SELECT channel, ts, shown_at FROM ${MESSAGES_TABLE} FINAL
     WHERE tenant = {tenant:String} AND endpoint = {endpoint:String} AND dedup_key = {dedupKey:String}`,
    { params: { tenant, endpoint, dedupKey }, settings: QUIET },
  )
  return rows.map(({ shown_at, ...row }) => ({ ...row, shownAt: toIso(shown_at) }))[0]
}
