/**
 * How many servers a warehouse has is settled when it is made: partition p is at server p mod N, and with another N, or the
 * servers in another order, half of the orders would be looked for where they are not. Each server is told its place.
 */
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import { SHARDS_CLUSTER } from '../engine/write-config.ts'
import { shardsOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'

interface Place {
  shard: number
  shards: number
}

/** What is new gets its place. Throws SHARDS_CHANGED, SHARDS_CLUSTER. One server alone is not written to. */
export async function claimShards(warehouse: Warehouse, control: string): Promise<void> {
  const servers = shardsOf(warehouse)
  if (servers.length > 1)
    // One after the other: an address that stands twice is found by the place that it was given before.
    for (const [shard, server] of servers.entries()) {
      const known = await readPlace(server, control)
      if (known === 'none') await writePlace(server, control, { shard, shards: servers.length })
    }
  await requireShards(warehouse, control)
  if (servers.length > 1) await requireCluster(warehouse, control)
}

/** Nothing is written. Throws SHARDS_CHANGED where these are not the servers that the warehouse was made with. */
export async function requireShards(warehouse: Warehouse, control: string): Promise<void> {
  const servers = shardsOf(warehouse)
  const shards = servers.length
  const places = await Promise.all(servers.map((server) => readPlace(server, control)))
  for (const [shard, place] of places.entries()) {
    if (place === 'none') continue
    const wanted: Place = { shard, shards }
    if (place.shard !== wanted.shard || place.shards !== wanted.shards) throw changed(place, wanted)
  }
}

/** Where there are tables and no place, the warehouse was made with one server. */
async function readPlace(server: Warehouse, control: string): Promise<Place | 'none'> {
  const place = await ask<Place>(server, `SELECT shard, shards FROM ${control}.shards ORDER BY at LIMIT 1`)
  if (place !== undefined) return place
  const made = await ask(server, `SELECT 1 FROM ${control}.migrations LIMIT 1`)
  return made === undefined ? 'none' : { shard: 0, shards: 1 }
}

const NOT_THERE: ReadonlySet<string> = new Set(['CLICKHOUSE_60', 'CLICKHOUSE_81'])

async function ask<Row>(server: Warehouse, sql: string): Promise<Row | undefined> {
  try {
    return (await server.query<Row>(sql))[0]
  } catch (error) {
    if (NOT_THERE.has(errorCode(error) ?? '')) return undefined
    throw error
  }
}

async function writePlace(server: Warehouse, control: string, { shard, shards }: Place): Promise<void> {
  await server.command(
    `CREATE DATABASE IF NOT EXISTS ${control} ENGINE = Atomic COMMENT 'What all runs share.'`,
  )
  await server.command(`CREATE TABLE IF NOT EXISTS ${control}.shards (
    shard UInt16 COMMENT 'Which of the servers this one is, from 0: it has the partitions p of the log with p mod shards = shard.',
    shards UInt16 COMMENT 'How many servers there are.',
    at DateTime64(3, 'UTC') COMMENT 'When this was settled, UTC.'
  ) ENGINE = MergeTree ORDER BY at
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
  COMMENT 'The place of this server among several; the oldest row counts. One server alone has no such table.'`)
  await server.command(`INSERT INTO ${control}.shards SELECT {shard:UInt16}, {shards:UInt16}, now64(3)`, {
    params: { shard, shards },
    settings: { async_insert: 0 },
  })
}

/** By the very way in which numbers will be read. */
async function requireCluster(warehouse: Warehouse, control: string): Promise<void> {
  const shards = shardsOf(warehouse).length
  const rows = await warehouse
    .query<{ at: number; shard: number }>(
      `SELECT _shard_num AS at, min(shard) AS shard FROM cluster(${SHARDS_CLUSTER}, ${control}, shards) GROUP BY at ORDER BY at`,
    )
    .catch((cause: unknown) => {
      // CLUSTER_DOESNT_EXIST
      if (errorCode(cause) === 'CLICKHOUSE_701') throw noCluster('it is not there', cause)
      throw cause
    })
  if (rows.length === shards && rows.every(({ at, shard }) => at === shard + 1)) return
  throw noCluster(`it has the servers ${rows.map(({ shard }) => shard).join(', ')}`)
}

function noCluster(why: string, cause?: unknown): RevwallError {
  return new RevwallError(
    'SHARDS_CLUSTER',
    `The first server of CLICKHOUSE_URLS needs a cluster ${SHARDS_CLUSTER} in <remote_servers>, with these servers as its ` +
      `shards in this order, one replica each, and a user who may read them: ${why}.`,
    { cause },
  )
}

function changed(place: Place, wanted: Place): RevwallError {
  const one = place.shards === 1
  return new RevwallError(
    'SHARDS_CHANGED',
    `These tables were made with ${one ? 'one ClickHouse server' : `${place.shards} ClickHouse servers, and this is number ${place.shard} of them, counted from 0`}; ` +
      `it is asked for as number ${wanted.shard} of ${wanted.shards}. The number of servers and their order stay as they were made: ` +
      `set ${one ? 'REVWALL_SHARDS=1, or CLICKHOUSE_URL' : `REVWALL_SHARDS=${place.shards}, or the same CLICKHOUSE_URLS`}. For another number take a new ` +
      'data folder (REVWALL_DATA), or new servers, and let the sources send everything again.',
  )
}
