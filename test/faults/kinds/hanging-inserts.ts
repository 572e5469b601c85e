/**
 * Inserts that came half-way, base written and a view not, for which their writer does not answer: it is gone, and another
 * that wants the same step ends it; or it does not know yet, and another has gone on behind it. Whoever finds out alone knows
 * of which days the views may lack rows. The processors as `revwall up` puts them together.
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
  { name: 'an insert that fails in a view, and another goes on before it is settled', inject: goOnBehind },
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
  const end = async (heir: Processors, registry: Registry) => {
    await until('what was there before is audited', () => !heir.reconciler.verifying())
    await world.sales.play()
    await within('the heir to want the step', gate.isWanted)
    await hangAndLeave(world, queryId)
    return recovered(world, heir, registry, queryId, gate.release)
  }
  return withProcessors(world, gate.warehouse, (...heir) => end(...heir).finally(gate.release))
}

async function goOnBehind(world: World): Promise<Hit> {
  const { warehouse } = world.host
  const [mark] = await world.marks()
  const queryId = batchQueryId(world.context().run, 'orders', PARTITION, mark!)
  const alter = `ALTER TABLE ${world.database}.headline_v1`
  const failing = unsettledInsert(warehouse, queryId)
  const fail = async (own: Processors, registry: Registry) => {
    await until('what was there before is audited', () => !own.reconciler.verifying())
    await warehouse.command(`${alter} ADD CONSTRAINT a_fault CHECK currency = ''`)
    try {
      await world.sales.play()
      await within('the insert to fail', failing.hasFailed)
    } finally {
      await warehouse.command(`${alter} DROP CONSTRAINT a_fault`)
    }
    const landed = await world.marks()
    if (landed[PARTITION] === mark) throw new Error(`${queryId} did not reach the base`)
    world.sales.begin(world.random)
    await world.sales.play()
    const another = await startWriters(world, { partitions: [PARTITION] })
    await until(
      'another goes on',
      async () => (await world.marks())[PARTITION] !== landed[PARTITION],
    ).finally(another.stop)
    return recovered(world, own, registry, queryId, failing.release)
  }
  // Whatever goes wrong: what is held would keep the processors from stopping, and nobody would hear of it.
  return withProcessors(world, failing.warehouse, (...own) => fail(...own).finally(failing.release))
}

/** From the release on the processors find out, and have the days audited. */
async function recovered(
  world: World,
  { reconciler }: Processors,
  registry: Registry,
  queryId: string,
  release: () => void,
): Promise<Hit> {
  const before = await driftedBuckets(registry)
  const releasedAt = performance.now()
  release()
  await until('the days of the insert are asked for', () => reconciler.verifying(), ASKED_MS)
  await until('they are audited', () => !reconciler.verifying())
  const apart = (await driftedBuckets(registry)) - before
  if (apart === 0) throw new Error('no view lacked anything: the fault was none')
  const recoveredMs = performance.now() - releasedAt
  await world.settled()
  return { where: `${queryId}, ${apart} buckets apart and mended`, recoveredMs }
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
  const released = signal()
  const wanted = signal()
  const held: Warehouse = {
    ...warehouse,
    insert: async (sql, body, options) => {
      if (options.queryId === queryId) wanted.tell()
      await released.done
      return warehouse.insert(sql, body, options)
    },
  }
  return { warehouse: held, isWanted: wanted.done, release: released.tell }
}

/** One insert whose writer learns that it failed, and nothing more until the release; the other partitions wait until it failed. */
function unsettledInsert(warehouse: Warehouse, queryId: string) {
  const failed = signal()
  const released = signal()
  const unsettled: Warehouse = {
    ...warehouse,
    insert: async (sql, body, options) => {
      if (options.queryId !== queryId) await released.done
      await warehouse.insert(sql, body, options).catch(async (error) => {
        if (options.queryId !== queryId) throw error
        failed.tell()
        await released.done
        throw error
      })
    },
  }
  return { warehouse: unsettled, hasFailed: failed.done, release: released.tell }
}

function signal() {
  let tell = () => {}
  const done = new Promise<void>((resolve) => {
    tell = resolve
  })
  return { done, tell }
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
