/**
 * An insert that hangs half-way, base written and a view not, whose writer is gone: another writer that wants the same step
 * ends it, and nobody but him knows of which days the views may lack rows. The processors as `revwall up` puts them together.
 */
import { Registry } from 'prom-client'
import { batchQueryId } from '../../../clickhouse/native/guarded-insert.ts'
import type { Warehouse } from '../../../clickhouse/warehouse.ts'
import { type Processors, startProcessors } from '../../../commands/start-processors.ts'
import { readConfig } from '../../../core/runtime/env.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { createComputePool } from '../../../processors/orders/compute-pool.ts'
import type { Fault, Hit } from '../fault.ts'
import { TENANT } from '../sales.ts'
import { until, within } from '../until.ts'
import type { World } from '../world.ts'
import { startWriters } from '../writers.ts'

export const hangingInserts: readonly Fault[] = [
  { name: 'an insert that hangs in a view, its writer gone, and another ends it', inject: endAnothers },
]

const PARTITION = 0
const ASKED_MS = 25_000
/**
 * For 15 s, of which a writer waits for five before it ends what holds its step; a kill is heard when they are over. ClickHouse
 * lets no call sleep for more than 3 s; alike ones would be one.
 */
const HANGS = Array.from({ length: 5 }, (_, i) => `sleep(${(3 - i / 100).toFixed(2)}) = 0`).join(' AND ')

async function endAnothers(world: World): Promise<Hit> {
  const { warehouse } = world.host
  const [mark] = await world.marks()
  const queryId = batchQueryId(world.context().run, 'orders', PARTITION, mark!)
  const gate = heldInserts(warehouse, queryId)
  return withProcessors(world, gate.warehouse, async (heir, registry) => {
    await until('what was there before is audited', () => !heir.reconciler.verifying())
    await world.sales.play()
    await within('the heir to want the step', gate.isWanted)
    await hangAndLeave(world, queryId)
    const before = await driftedBuckets(registry)
    const leftAt = performance.now()
    gate.release()
    await until('the days of the ended insert are asked for', () => heir.reconciler.verifying(), ASKED_MS)
    await until('they are audited', () => !heir.reconciler.verifying())
    const apart = (await driftedBuckets(registry)) - before
    if (apart === 0) throw new Error('no view lacked anything: the fault was none')
    const recoveredMs = performance.now() - leftAt
    await world.settled()
    return { where: `${queryId}, ${apart} buckets apart and mended`, recoveredMs }
  })
}

/** A writer is stopped while its insert hangs: the base has its rows, `headline_v1` waits for them. */
async function hangAndLeave(world: World, queryId: string): Promise<void> {
  const { warehouse } = world.host
  const alter = `ALTER TABLE ${world.database}.headline_v1`
  const [mark] = await world.marks()
  const leaving = leavableInserts(warehouse)
  await warehouse.command(`${alter} ADD CONSTRAINT a_fault CHECK ${HANGS}`)
  const writer = await startWriters(world, { partitions: [PARTITION], warehouse: leaving.warehouse })
  try {
    await until('the base has its rows', async () => (await world.marks())[PARTITION] !== mark)
  } finally {
    // What runs has it already.
    await warehouse.command(`${alter} DROP CONSTRAINT a_fault`)
    const stopped = writer.stop()
    leaving.leave()
    await stopped
  }
  const sql = 'SELECT 1 FROM system.processes WHERE query_id = {queryId:String}'
  if ((await warehouse.query(sql, { params: { queryId } })).length === 0)
    throw new Error(`${queryId} does not hang`)
}

async function withProcessors(
  world: World,
  warehouse: Warehouse,
  work: (processors: Processors, registry: Registry) => Promise<Hit>,
): Promise<Hit> {
  const log = await world.openLog()
  const pool = createComputePool()
  const registry = new Registry()
  const run = { run: world.context().run, database: world.database }
  const config = { ...readConfig({}), tenants: [TENANT] }
  const starting = startProcessors({ config, warehouse, log, logger: silentLogger, registry, pool, run })
  try {
    const processors = await starting
    return await work(processors, registry).finally(() => processors.stop())
  } finally {
    await pool.close()
    await log.close()
  }
}

/** Inserts wait until they are released. */
function heldInserts(warehouse: Warehouse, queryId: string) {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let tellWanted = () => {}
  const isWanted = new Promise<void>((resolve) => {
    tellWanted = resolve
  })
  const held: Warehouse = {
    ...warehouse,
    insert: async (sql, body, options) => {
      if (options.queryId === queryId) tellWanted()
      await released
      return warehouse.insert(sql, body, options)
    },
  }
  return { warehouse: held, isWanted, release }
}

/** From `leave` on no insert is waited for, as if its process were gone; on the server it goes on. */
function leavableInserts(warehouse: Warehouse) {
  let leave = () => {}
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new RevwallError('CLICKHOUSE_UNREACHABLE', 'The writer is gone (a fault).'))
  })
  left.catch(() => {})
  const leavable: Warehouse = {
    ...warehouse,
    insert: (sql, body, options) => Promise.race([warehouse.insert(sql, body, options), left]),
  }
  return { warehouse: leavable, leave }
}

async function driftedBuckets(registry: Registry): Promise<number> {
  const metric = await registry.getSingleMetric('revwall_reconciliation_drifted_buckets_total')!.get()
  return metric.values.reduce((sum, { value }) => sum + value, 0)
}
