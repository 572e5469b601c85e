/** Dead letters with what became of them, for the people who decide. */
import { isOpenLetter, OUTCOMES_TABLE } from '../../clickhouse/queries/open-letters.ts'
import { tableOf, toIso } from '../../clickhouse/queries/scope.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { LetterKey, LetterState } from './letter-outcomes.ts'

export interface Letter extends LetterKey {
  reason: string
  detail: string
  /** When it was set aside, ISO. */
  at: string
  /** The record as it came; its beginning where it was not asked for whole. */
  payload: string
  encoding: 'utf8' | 'base64'
  state: LetterState
  decidedAt: string | null
  decidedBy: string
  why: string
  replayedAs: string
  /** Origin of the letter whose replay this record is; empty for a first one. */
  replayOf: string
}

export interface LetterFilter {
  origin?: string
  reason?: string
  tenant?: string
  /** Default: only those that are open. */
  all?: boolean
  /** Set aside before this, ms: what a replay under way brings back is not for the same replay. */
  beforeMs?: number
  /** With its whole record: for one letter, it may have megabytes. */
  whole?: boolean
  offset?: number
}

interface LetterRow extends Omit<Letter, 'decidedAt'> {
  decidedAt: string
}

/** Of one page. */
export const MAX_LETTERS = 500
const PAYLOAD_BEGINNING_BYTES = 500

/** The oldest first. Of an origin that several tenants have, all. */
export async function findLetters(
  warehouse: Warehouse,
  database: string,
  filter: LetterFilter,
  limit = MAX_LETTERS,
): Promise<Letter[]> {
  const { whole = false, offset = 0 } = filter
  const wanted = [
    filter.origin === undefined ? [] : ['origin = {origin:String}'],
    filter.reason === undefined ? [] : ['reason = {reason:String}'],
    filter.tenant === undefined ? [] : ['tenant = {tenant:String}'],
    filter.beforeMs === undefined ? [] : ['at < fromUnixTimestamp64Milli({beforeMs:Int64})'],
    filter.all === true || filter.origin !== undefined ? [] : [isOpenLetter('all')],
  ].flat()
  const rows = await warehouse.query<LetterRow>(
    `SELECT l.tenant AS tenant, l.source AS source, l.origin AS origin, l.reason AS reason, l.detail AS detail,
       l.at AS at, if({whole:Bool}, l.payload, substring(l.payload, 1, ${PAYLOAD_BEGINNING_BYTES})) AS payload, l.encoding AS encoding,
       if(o.state = '', 'open', o.state) AS state, o.decided_at AS decidedAt, o.decided_by AS decidedBy,
       o.why AS why, o.replayed_as AS replayedAs, f.origin AS replayOf
     FROM (
       SELECT * FROM ${tableOf({ database }, 'dead_letters')} FINAL
       ${wanted.length === 0 ? '' : `WHERE ${wanted.join(' AND ')}`}
       ORDER BY at, tenant, source, origin LIMIT {limit:UInt32} OFFSET {offset:UInt32}) AS l
     LEFT JOIN (
       SELECT tenant, source, origin, argMax(state, at) AS state, toString(max(at)) AS decided_at,
         argMax(decided_by, at) AS decided_by, argMax(why, at) AS why, argMax(replayed_as, at) AS replayed_as
       FROM ${OUTCOMES_TABLE} GROUP BY tenant, source, origin
     ) AS o ON o.tenant = l.tenant AND o.source = l.source AND o.origin = l.origin
     LEFT JOIN (
       SELECT replayed_as, any(origin) AS origin FROM ${OUTCOMES_TABLE} WHERE replayed_as != '' GROUP BY replayed_as
     ) AS f ON f.replayed_as = l.origin
     ORDER BY l.at, l.tenant, l.source, l.origin`,
    { params: { ...filter, whole, offset, limit }, settings: { max_threads: 1 } },
  )
  return rows.map(({ decidedAt, ...row }) => ({
    ...row,
    at: toIso(row.at),
    decidedAt: row.state === 'open' && decidedAt === '' ? null : toIso(decidedAt),
  }))
}
