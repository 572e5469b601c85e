import type { Warehouse } from '../warehouse.ts'
import { isOpenLetter } from './open-letters.ts'
import { type Scope, tableOf, toIso } from './scope.ts'

export interface DeadLetterRow {
  source: string
  origin: string
  reason: string
  detail: string
  at: string
  /** The first characters of the record as it came; `payloadSize` is its whole length in bytes. */
  payload: string
  payloadSize: number
  encoding: string
}

/** A page must not grow with the records: one may have more than a megabyte. */
export const MAX_PAYLOAD_CHARS = 2_000

/** A tenant's open dead letters, the newest first. Those of which not even the tenant is known belong to nobody. */
export async function readDeadLetters(
  warehouse: Warehouse,
  scope: Scope & { offset: number; limit: number },
): Promise<DeadLetterRow[]> {
  const { tenant, offset, limit } = scope
  const rows = await warehouse.query<Omit<DeadLetterRow, 'payloadSize'> & { payload_size: string }>(
    `SELECT source, origin, reason, detail, at, encoding, length(d.payload) AS payload_size,
       leftUTF8(toValidUTF8(d.payload), {chars:UInt32}) AS payload
     FROM ${tableOf(scope, 'dead_letters')} AS d FINAL WHERE tenant = {tenant:String} AND ${isOpenLetter('tenant')}
     ORDER BY at DESC, source, origin LIMIT {limit:UInt32} OFFSET {offset:UInt32}`,
    { params: { tenant, offset, limit, chars: MAX_PAYLOAD_CHARS } },
  )
  return rows.map(({ payload_size, ...row }) => ({
    ...row,
    at: toIso(row.at),
    payloadSize: Number(payload_size),
  }))
}
