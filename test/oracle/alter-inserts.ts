/** Decorators of the warehouse that spoil what the processor writes or reads: the mutants that the oracle must see. */
import type { InsertOptions, QueryOptions, Warehouse } from '../../clickhouse/warehouse.ts'

export interface Insert {
  sql: string
  body: Uint8Array
  options: InsertOptions
  /** Which insert of this pipeline it is, from 1. */
  number: number
}

/** Hands every insert to `alter`, which may send it as it is, otherwise, or more than once. */
export function alterInserts(
  warehouse: Warehouse,
  alter: (insert: Insert, send: (insert: Insert) => Promise<void>) => Promise<void>,
): Warehouse {
  let number = 0
  return {
    ...warehouse,
    insert: (sql, body, options) => {
      number += 1
      return alter({ sql, body, options, number }, (sent) =>
        warehouse.insert(sent.sql, sent.body, sent.options),
      )
    },
  }
}

/** Leaves out the rows of which the condition is true, of every batch. */
export function losing(warehouse: Warehouse, condition: string): Warehouse {
  return alterInserts(warehouse, (insert, send) =>
    send({ ...insert, sql: losingRows(insert.sql, condition) }),
  )
}

/** The statement that leaves them out, whatever the format of the body. */
export function losingRows(sql: string, condition: string): string {
  const altered = sql.replace(/\nFORMAT /, () => `\n  AND NOT (${condition})\nFORMAT `)
  if (altered === sql) throw new Error('the statement of the batch is not what this mutant was written for')
  return altered
}

/** The same rows without any condition. */
export function unguarded(sql: string): string {
  const bare = sql.replace(/\nWHERE throwIf[\s\S]*(?=\nFORMAT )/, '')
  if (bare === sql) throw new Error('the statement of the batch is not what this mutant was written for')
  return bare
}

/** Writes one column otherwise than it came. */
export function rewriting(sql: string, column: string, expression: string): string {
  const altered = sql.replace(/\nSELECT ([\s\S]*?) FROM input/, (_, columns: string) => {
    const list = columns.split(', ').map((name) => (name === column ? `${expression} AS ${name}` : name))
    return `\nSELECT ${list.join(', ')} FROM input`
  })
  if (altered === sql) throw new Error('the statement of the batch is not what this mutant was written for')
  return altered
}

/** Changes the bound parameters of the queries that match. */
export function alterParams(
  warehouse: Warehouse,
  matches: RegExp,
  alter: (params: Record<string, unknown>) => Record<string, unknown>,
): Warehouse {
  return {
    ...warehouse,
    query: <Row>(sql: string, options: QueryOptions = {}) =>
      warehouse.query<Row>(
        sql,
        matches.test(sql) ? { ...options, params: alter(options.params ?? {}) } : options,
      ),
  }
}
