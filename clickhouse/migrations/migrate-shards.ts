/** Migrations where there may be several servers: each gets all tables, the first one also those that read from all. */
import { SHARDS_CLUSTER } from '../engine/write-config.ts'
import { isOverShards } from '../queries/scope.ts'
import { ensureSegmentFunctions } from '../queries/segment-rules.ts'
import { overShards, shardsOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'
import { type MigrateOptions, migrate } from './migrate.ts'
import type { Migration } from './read-migrations.ts'

/** And the functions that come with the tables, which a server may have lost. */
export async function migrateShards(warehouse: Warehouse, options: MigrateOptions): Promise<Migration[]> {
  const done = await migrateAll(warehouse, options)
  await ensureSegmentFunctions(warehouse)
  return done
}

/** The first one last: it says which table stands behind a name, and by then the others have it. */
async function migrateAll(warehouse: Warehouse, options: MigrateOptions): Promise<Migration[]> {
  const [first, ...others] = shardsOf(warehouse)
  if (others.length === 0) return migrate(first!, options)
  await Promise.all(others.map((server) => migrate(server, options)))
  const makeReadable = () => makeDistributed(first!, options.database)
  const done = await migrate(first!, { ...options, beforeChange: makeReadable })
  await makeReadable()
  return done
}

/**
 * A table of the same name for each that is to be read from all servers. Nothing is ever written through it: batches must be
 * one insert at one server.
 */
async function makeDistributed(warehouse: Warehouse, database: string): Promise<void> {
  const all = overShards(database)
  await warehouse.command(
    `CREATE DATABASE IF NOT EXISTS ${all} ENGINE = Atomic COMMENT '${database} of all servers, for reading.'`,
  )
  const tables = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = {database:String} AND endsWith(engine, 'MergeTree')
       AND name NOT IN (SELECT name FROM system.tables WHERE database = {all:String})
       AND NOT startsWith(name, 'guard_self_test') ORDER BY name`,
    { params: { database, all } },
  )
  for (const { name } of tables.filter((table) => isOverShards(table.name)))
    await warehouse.command(
      `CREATE TABLE IF NOT EXISTS ${all}.${name} AS ${database}.${name}
       ENGINE = Distributed(${SHARDS_CLUSTER}, ${database}, ${name})
       COMMENT '${name} of all servers. Read only.'`,
    )
}
