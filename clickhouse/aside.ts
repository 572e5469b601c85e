/** The same warehouse for work that waits for others: where the server's two cores are full, its threads come later, or last. */
import { PRIORITY } from '../core/runtime/priority.ts'
import { threadsAt } from './thread-priority.ts'
import type { Warehouse } from './warehouse.ts'

/**
 * A server that may not set its threads' priority (CAP_SYS_NICE) ignores it. Settings of a statement's own go first. Of
 * several servers each is asked in that way.
 */
export function asideOf(warehouse: Warehouse, nice: number = PRIORITY.analytics): Warehouse {
  const { shards } = warehouse
  const threads = threadsAt(nice)
  const later = <Options extends Asked>(options?: Options) => ({
    ...options,
    settings: { ...threads, ...options?.settings },
  })
  return {
    ...(shards === undefined ? {} : { shards: shards.map((shard) => asideOf(shard, nice)) }),
    query: (sql, options) => warehouse.query(sql, later(options)),
    stream: (sql, options) => warehouse.stream(sql, later(options)),
    command: (sql, options) => warehouse.command(sql, later(options)),
    insert: (sql, body, options) => warehouse.insert(sql, body, { ...options, ...later(options) }),
    close: () => warehouse.close(),
  }
}

interface Asked {
  settings?: Record<string, string | number>
}
