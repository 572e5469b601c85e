/** Rows of what was done outside: it cannot be done again for their sake, so that they are tried until they are stored. */
import { insertRows } from '../../clickhouse/insert-rows.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorMessage } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'

/** Rejects only when it is called off; then it is done once more by whoever comes next, with the same ids. */
export type KeepRows = (table: string, rows: readonly object[]) => Promise<void>

const RETRY_MS = 1_000

export function keepRows(options: {
  warehouse: Warehouse
  clock: Clock
  logger: Logger
  signal: AbortSignal
  /** Whose they are: the beginning of the inserts' ids. */
  name: string
}): KeepRows {
  const { warehouse, clock, logger, signal, name } = options
  let inserts = 0
  return async (table, rows) => {
    for (let isTold = false; ; ) {
      signal.throwIfAborted()
      inserts += 1
      try {
        return await insertRows(warehouse, table, rows, `${name}:${table}:${clock.now()}:${inserts}`)
      } catch (error) {
        if (!isTold) logger.warn('what was delivered is noted later', { why: errorMessage(error) })
        isTold = true
        await clock.sleep(RETRY_MS, signal)
      }
    }
  }
}
