/**
 * Several servers as one warehouse. Partition p of the log belongs to the server p mod N: its batches are inserted there,
 * and marks, state, barriers, audits and the lives of the server are that server's own affair, as if it were alone. What no
 * partition has (pointers, runs, facts, dead letters) stands on the first one. Reading goes through the first one too, from
 * a database of Distributed tables over all of them: `readingDatabase`.
 */
import type { Warehouse } from './warehouse.ts'

/** What is asked without a partition is asked of the first. */
export function shardedWarehouse(shards: readonly Warehouse[]): Warehouse {
  const first = shards[0]!
  return {
    shards,
    query: (sql, options) => first.query(sql, options),
    stream: (sql, options) => first.stream(sql, options),
    command: (sql, options) => first.command(sql, options),
    insert: (sql, body, options) => first.insert(sql, body, options),
    close: async () => void (await Promise.all(shards.map((shard) => shard.close()))),
  }
}

/** Each server; one where there is one. */
export function shardsOf(warehouse: Warehouse): readonly Warehouse[] {
  return warehouse.shards ?? [warehouse]
}

/** The server that a partition belongs to. */
export function shardOf(warehouse: Warehouse, partition: number): Warehouse {
  const { shards } = warehouse
  return shards === undefined ? warehouse : shards[partition % shards.length]!
}

/** The database to read a run from: the run's own where there is one server. */
export function readingDatabase(warehouse: Warehouse, database: string): string {
  return warehouse.shards === undefined ? database : overShards(database)
}

const SUFFIX = '_all'

/** Its tables have the names of the run's, and their rows are on all servers. */
export const overShards = (database: string): string => `${database}${SUFFIX}`

/** The run's own database behind a database of Distributed tables; undefined for any other. */
export function behindShards(database: string): string | undefined {
  return database.endsWith(SUFFIX) ? database.slice(0, -SUFFIX.length) : undefined
}
