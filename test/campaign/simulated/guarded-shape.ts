/** The insert of a batch, by its shape: which conditions it has. A mutant's may lack one, and is carried out as it stands. */
import { inputStructure } from '../../../clickhouse/native/encode-rows.ts'
import { BARRIER, FENCED } from '../../../clickhouse/native/guarded-insert.ts'
import { ORDER_CHANGES_COLUMNS } from '../../../clickhouse/native/order-row.ts'
import type { InsertOptions } from '../../../clickhouse/warehouse.ts'
import { DATABASE, flat } from './sql-shapes.ts'

export interface Conditions {
  mark: boolean
  barrier: boolean
}

const COLUMNS = ORDER_CHANGES_COLUMNS.map(({ name }) => name).join(', ')
const HEAD = flat(
  `INSERT INTO ${DATABASE}.order_changes (${COLUMNS}) SELECT ${COLUMNS} FROM input('${inputStructure(ORDER_CHANGES_COLUMNS)}')`,
)
const MARK_CONDITION = flat(`throwIf(coalesce((SELECT maxOrNull(mark_last) FROM ${DATABASE}.order_changes
  WHERE tenant = '' AND source = {topic:String} AND startsWith(order_id, {prefix:String}) AND order_id >= {from:String}),
  -9) != {mark:Int64}, '${FENCED}') = 0`)
const BARRIER_CONDITION = `throwIf((SELECT count() FROM ${DATABASE}.open_barriers) > 0, '${BARRIER}') = 0`

const CASES = new Map<string, Conditions>([
  ['', { mark: false, barrier: false }],
  [` WHERE ${MARK_CONDITION}`, { mark: true, barrier: false }],
  [` WHERE ${BARRIER_CONDITION}`, { mark: false, barrier: true }],
  [` WHERE ${MARK_CONDITION} AND ${BARRIER_CONDITION}`, { mark: true, barrier: true }],
])

/** Without them a batch might be more than one part, or one that is not there when it is acknowledged. */
const NEEDED = { async_insert: 0, insert_deduplicate: 0, max_insert_threads: 1, optimize_on_insert: 0 }
const known = new Map<string, Conditions>()

export function conditionsOf(sql: string, { settings = {} }: InsertOptions): Conditions {
  for (const [name, value] of Object.entries(NEEDED))
    if (settings[name] !== value) throw new Error(`the insert of a batch needs ${name} = ${value}`)
  let conditions = known.get(sql)
  if (conditions === undefined) {
    conditions = read(flat(sql))
    known.set(sql, conditions)
  }
  return conditions
}

function read(sql: string): Conditions {
  const isInsert = sql.startsWith(HEAD) && sql.endsWith(' FORMAT Native')
  const conditions = isInsert ? CASES.get(sql.slice(HEAD.length, -' FORMAT Native'.length)) : undefined
  if (conditions === undefined)
    throw new Error(`the simulated warehouse does not know this insert; teach it in guarded-shape.ts: ${sql}`)
  return conditions
}
