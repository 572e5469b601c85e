/**
 * The sign of a warehouse that is being filled from another one: an empty database, there before the first table and gone in
 * one step when all of it is true. While it is there every start refuses, since half of the tables would tell half of the numbers.
 */
import { z } from 'zod'
import { RevwallError } from '../../core/runtime/errors.ts'
import { quoteString } from '../native/quote-string.ts'
import type { Warehouse } from '../warehouse.ts'
import { readDatabases, readTables } from './tables.ts'

const SIGN = 'revwall_moving'

const sign = z.object({
  /** Life of the log that belongs to the tables: whose move it is. */
  incarnation: z.string(),
  /** Where they were, for people. */
  from: z.string(),
})
export type Sign = z.output<typeof sign>

/** Throws `MOVE_UNFINISHED`. */
export async function requireMoved(warehouse: Warehouse): Promise<void> {
  const there = await readSign(warehouse)
  if (there === undefined) return
  throw new RevwallError(
    'MOVE_UNFINISHED',
    `The tables of ${there.from} are being moved to this ClickHouse, and not all is here. Run revwall move there again: it ` +
      `begins anew, or goes on. To give it up, drop the databases revwall and revwall_r…, ${SIGN} last.`,
  )
}

/** Throws `CLICKHOUSE_COPY_NOT_EMPTY` where there are tables, and not those of a move of the same that was broken off. */
export async function requireNoTables(warehouse: Warehouse, whose: Sign): Promise<void> {
  const there = await readSign(warehouse)
  if (there?.incarnation === whose.incarnation) return
  const [table] = await readTables(warehouse)
  if (there === undefined && table === undefined) return
  const what =
    there === undefined ? `${table!.database}.${table!.name} and others` : `a move from ${there.from}`
  throw new RevwallError(
    'CLICKHOUSE_COPY_NOT_EMPTY',
    `The ClickHouse of CLICKHOUSE_URL holds ${what} already; tables are moved to where there are none. Name another server, or ` +
      'drop the databases revwall and revwall_r… if nobody needs them.',
  )
}

/** Begins; what was broken off is dropped. Throws what `requireNoTables` throws. */
export async function beginMoving(warehouse: Warehouse, whose: Sign): Promise<void> {
  await requireNoTables(warehouse, whose)
  if ((await readSign(warehouse)) === undefined)
    await warehouse.command(
      `CREATE DATABASE ${SIGN} ENGINE = Atomic COMMENT ${quoteString(JSON.stringify(whose))}`,
    )
  for (const { name } of await readDatabases(warehouse))
    await warehouse.command(`DROP DATABASE ${name} SYNC`, { settings: { max_table_size_to_drop: 0 } })
}

/** From now on it can be opened; again it changes nothing. */
export async function finishMoving(warehouse: Warehouse, whose: Sign): Promise<void> {
  const there = await readSign(warehouse)
  if (there?.incarnation === whose.incarnation) await warehouse.command(`DROP DATABASE ${SIGN} SYNC`)
}

async function readSign(warehouse: Warehouse): Promise<Sign | undefined> {
  const [row] = await warehouse.query<{ comment: string }>(
    'SELECT comment FROM system.databases WHERE name = {name:String}',
    { params: { name: SIGN } },
  )
  return row && sign.parse(JSON.parse(row.comment))
}
