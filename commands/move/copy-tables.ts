/** The tables to where the environment says: to as many servers as there were, or to another number of them. */
import { type CopiedTable, type Server, serversOf } from '../../clickhouse/copy/copy-table.ts'
import { copyWarehouse } from '../../clickhouse/copy/copy-warehouse.ts'
import { spreadWarehouse } from '../../clickhouse/copy/spread-warehouse.ts'
import { readTables } from '../../clickhouse/copy/tables.ts'
import { claimShards } from '../../clickhouse/migrations/claim-shards.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { firstPartitionsOf } from '../../processors/orders/first-partitions.ts'
import { progressLine } from '../back-up/progress.ts'
import { CONTROL_DATABASE } from '../open-warehouse.ts'

export interface CopyTablesOptions {
  from: Server
  to: Server
  print: (line: string) => void
  signal: AbortSignal
}

/** Throws as `claimShards`, `copyWarehouse` and `spreadWarehouse`. */
export async function copyTables({ from, to, print, signal }: CopyTablesOptions): Promise<CopiedTable[]> {
  const [old, places] = [serversOf(from), serversOf(to)]
  const told = progressLine('the tables', await bytesIn(old), print)
  let sum = 0
  const how = {
    signal,
    onBytes: (bytes: number) => {
      sum += bytes
      told(sum)
    },
  }
  // Before there is any table, which would be that of a server alone.
  await claimShards(to.warehouse, CONTROL_DATABASE)
  if (old.length !== places.length) return spreadWarehouse({ from: old, to: places, ...how })
  const copied: CopiedTable[] = []
  for (const [index, server] of old.entries()) {
    const tables = await copyWarehouse({ from: server, to: places[index]!, ...how })
    copied.push(...tables.map((one) => (index === 0 ? one : { ...one, table: `${one.table}@${index}` })))
  }
  return copied
}

async function bytesIn(servers: readonly Server[]): Promise<number> {
  const tables = await Promise.all(servers.map(({ warehouse }) => readTables(warehouse)))
  return tables.flat().reduce((sum, { bytes }) => sum + bytes, 0)
}

/**
 * An order stays at one server for ever: its partition is its hash modulo their number, which grows to multiples, and the
 * server is that modulo N. So N must divide the number of partitions with which the log began. Throws `MOVE_SHARDS`.
 */
export async function requireDividing(warehouse: Warehouse, shards: number): Promise<void> {
  if (shards === 1 || shards === shardsOf(warehouse).length) return
  const { open } = await readRuns(warehouse, CONTROL_DATABASE)
  for (const { database } of open) {
    const first = await firstPartitionsOf(warehouse, database, 'orders')
    if (first === undefined || first % shards === 0) continue
    throw new RevwallError(
      'MOVE_SHARDS',
      `The orders topic began with ${first} partitions, which ${shards} servers do not divide: orders of one partition would be at ` +
        `two servers. Move to a number that divides ${first}; or take a new data folder (REVWALL_DATA) with REVWALL_PARTITIONS a ` +
        `multiple of ${shards}, and let the sources send everything again.`,
    )
  }
}
