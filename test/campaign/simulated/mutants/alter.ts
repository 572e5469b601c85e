/** Ways into the ports that mutants share. */
import { encodeRows } from '../../../../clickhouse/native/encode-rows.ts'
import { type ChangeRow, ORDER_CHANGES_COLUMNS } from '../../../../clickhouse/native/order-row.ts'
import type { QueryOptions, Warehouse } from '../../../../clickhouse/warehouse.ts'
import { alterInserts, type Insert } from '../../../oracle/alter-inserts.ts'
import { decodeChanges } from '../decode-native.ts'
import { recognise, type ShapeName } from '../sql-shapes.ts'
import type { Mutant } from './mutant.ts'

type Send = (insert: Insert) => Promise<void>

export function inserts(
  name: string,
  alter: (insert: Insert, send: Send, warehouse: Warehouse) => Promise<void>,
): Mutant {
  return {
    name,
    warehouse: (warehouse) =>
      alterInserts(warehouse, (insert, send) =>
        // Opening marks are no batches; the mutants are meant for those.
        insert.options.params?.mark === OPENING ? send(insert) : alter(insert, send, warehouse),
      ),
  }
}

const OPENING = -9

/** The batch with other rows. */
export function rewritten(insert: Insert, rewrite: (rows: ChangeRow[]) => ChangeRow[]): Insert {
  const rows = rewrite(decodeChanges(insert.body))
  return { ...insert, body: encodeRows(ORDER_CHANGES_COLUMNS, rows).body }
}

/** The query of one kind is asked otherwise, or its answer is told otherwise. */
export function onQuery(
  warehouse: Warehouse,
  name: ShapeName,
  alter: (
    ask: (params: Record<string, unknown>) => Promise<object[]>,
    params: Record<string, unknown>,
  ) => Promise<object[]>,
): Warehouse {
  return {
    ...warehouse,
    query: <Row>(sql: string, options: QueryOptions = {}) => {
      if (recognise(sql).name !== name) return warehouse.query<Row>(sql, options)
      const ask = (params: Record<string, unknown>) => warehouse.query<object>(sql, { ...options, params })
      return alter(ask, options.params ?? {}) as Promise<Row[]>
    },
  }
}

/** A command of one kind is carried out otherwise. */
export function onCommand(
  warehouse: Warehouse,
  name: ShapeName,
  alter: (
    tell: (sql: string, options: QueryOptions) => Promise<void>,
    sql: string,
    options: QueryOptions,
  ) => Promise<void>,
): Warehouse {
  return {
    ...warehouse,
    command: (sql, options = {}) =>
      recognise(sql).name === name ? alter(warehouse.command, sql, options) : warehouse.command(sql, options),
  }
}

export function without(sql: string, condition: 'mark' | 'barrier'): string {
  const altered =
    condition === 'mark'
      ? sql.replace(/throwIf\(coalesce[\s\S]*?'fenced'\) = 0\s+AND /, '')
      : sql.replace(/\s+AND throwIf\(\(SELECT count\(\)[\s\S]*?'barrier'\) = 0/, '')
  if (altered === sql) throw new Error('the statement of the batch is not what this mutant was written for')
  return altered
}
