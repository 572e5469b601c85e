import type { QueryOptions, Warehouse } from '../clickhouse/warehouse.ts'
import { ApiError } from './api-error.ts'
import type { ApiMetrics } from './api-metrics.ts'

/** A query of the wall takes milliseconds; one that takes longer than this is in trouble, or its server is. */
const QUERY_TIMEOUT_MS = 10_000
/** Queries of one asker at a time; one more is refused (BUSY) rather than queued. The hub asks a dozen at most. */
const MAX_RUNNING_QUERIES = 64
const SETTINGS = {
  // Small queries keep their few ms beside a long one.
  max_threads: 1,
  max_execution_time: QUERY_TIMEOUT_MS / 1_000,
  max_memory_usage: 1_000_000_000,
}

/** The warehouse with a limit of time and memory on each query, and its duration measured. */
export function boundQueries(
  warehouse: Warehouse,
  who: 'hub' | 'rest' | 'figures',
  metrics: ApiMetrics,
): Warehouse {
  let running = 0

  async function query<Row>(sql: string, options: QueryOptions = {}): Promise<Row[]> {
    if (running >= MAX_RUNNING_QUERIES)
      throw new ApiError('BUSY', 'Too many questions at the same time; try again in a second.')
    running += 1
    const stopTimer = metrics.querySeconds.startTimer({ who })
    const timeout = AbortSignal.timeout(QUERY_TIMEOUT_MS + 1_000)
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout
    try {
      return await warehouse.query<Row>(sql, {
        ...options,
        signal,
        settings: { ...SETTINGS, ...options.settings },
      })
    } catch (error) {
      metrics.queryFailures.inc({ who })
      throw error
    } finally {
      running -= 1
      stopTimer()
    }
  }
  return {
    query,
    stream: (sql, options) => warehouse.stream(sql, options),
    command: (sql, options) => warehouse.command(sql, options),
    insert: (sql, body, options) => warehouse.insert(sql, body, options),
    close: () => warehouse.close(),
  }
}
