/**
 * Where an order's CPU goes, stage by stage: the computing thread by a sampling profile of its own code, ClickHouse by
 * inserting the same batches without views and with each of them alone. Merges are measured apart, one level of them.
 */
import { Session } from 'node:inspector/promises'
import { migrate } from '../clickhouse/migrations/migrate.ts'
import { guardedInsert } from '../clickhouse/native/guarded-insert.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import { BatchComputer } from '../processors/orders/batch-computer.ts'
import { OrderState } from '../processors/orders/order-state.ts'
import { packBatch } from '../processors/orders/testing/pack-batch.ts'
import { benchRecord } from './bench-order.ts'
import type { Measurement } from './measurement.ts'
import { type Bed, cpuMs, withBed } from './pipeline-bed.ts'

const BATCH = 50_000
/** Before the clock starts: code that is compiled, tables that were written to. */
const WARM = 2
const BATCHES = 6
const NO_MARK = -9

export async function measureStages(): Promise<Measurement[]> {
  const { bodies, stages } = await computeBatches()
  return [...stages, ...(await withBed((bed) => measureClickhouse(bed, bodies)))]
}

interface Body {
  body: Uint8Array
  /** The mark that it builds on. */
  mark: number
}

async function computeBatches(): Promise<{ bodies: Body[]; stages: Measurement[] }> {
  const context = {
    ...{ run: 'r1', topic: 'orders', partition: 0, incarnation: 'bench', code: 'bench', serverStart: 0 },
    tenants: new Map([[DEMO_TENANT.id, DEMO_TENANT]]),
  }
  const state = new OrderState(-1)
  state.complete()
  const computer = new BatchComputer(context, state)
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 500 })
  const bodies: Body[] = []
  const profiles: Profile[] = []
  let cpuUs = 0
  for (let n = 0; n < WARM + BATCHES; n++) {
    const packed = packed50k(n)
    const isMeasured = n >= WARM
    if (isMeasured) await session.post('Profiler.start')
    const before = process.cpuUsage()
    const computing = computer.compute({ packed, progress: [] })
    const { user, system } = process.cpuUsage(before)
    if (isMeasured) {
      profiles.push((await session.post('Profiler.stop')).profile as Profile)
      cpuUs += user + system
    }
    if (computing.type !== 'batch')
      throw new Error('the state is in memory, and still the base table is asked')
    bodies.push({ body: computing.batch.body, mark: n === 0 ? NO_MARK : packed.first - 1 })
    state.landed(packed.last)
  }
  session.disconnect()
  return { bodies, stages: stagesOf(profiles, cpuUs / (BATCHES * BATCH)) }
}

function packed50k(n: number) {
  const first = n * BATCH
  const now = Date.now()
  const records = Array.from({ length: BATCH }, (_, i) => ({
    ...benchRecord(first + i, 'compact'),
    offset: first + i,
    appendedAt: now,
  }))
  return packBatch({ first, last: first + BATCH - 1, takenAt: now, records })
}

/** As far as the inspector's answer is looked at. */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string } }[]
  samples?: number[]
}

/** What stands in which file. What is in none of them is the loop around it all. */
const STAGE_FILES: Record<string, RegExp> = {
  decode: /scan-order|read-facts|crc32|hash-bytes|order-key|packed-batch/,
  fold: /derive-|fold-order|known-order|book-entries|order-state|fingerprint-index|batch-sources|local-clock/,
  encode: /order-columns|native-|byte-sink|mark-row/,
}

function stagesOf(profiles: readonly Profile[], cpuUsPerOrder: number): Measurement[] {
  const names = [...Object.keys(STAGE_FILES), 'loop', 'collect']
  const counts = new Map(names.map((name) => [name, 0]))
  let samples = 0
  for (const profile of profiles) {
    const stageOf = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
    for (const id of profile.samples ?? []) {
      const stage = stageOf.get(id)
      if (stage === undefined) continue
      samples += 1
      counts.set(stage, counts.get(stage)! + 1)
    }
  }
  return names.map((name) => perOrder(`compute_${name}`, (counts.get(name)! / samples) * cpuUsPerOrder))
}

function nameOf({ functionName, url }: Profile['nodes'][number]['callFrame']): string | undefined {
  if (functionName === '(garbage collector)') return 'collect'
  if (functionName === '(idle)' || functionName === '(program)') return undefined
  return Object.keys(STAGE_FILES).find((stage) => STAGE_FILES[stage]!.test(url)) ?? 'loop'
}

/**
 * Each in a database of its own: without views, with one, with all. Every batch goes to all of them in turn, so that what
 * disturbs the machine disturbs all alike.
 */
async function measureClickhouse(bed: Bed, bodies: readonly Body[]): Promise<Measurement[]> {
  await bed.warehouse.command('SYSTEM STOP MERGES')
  const all = await database(bed, 'all', () => true)
  const views = await viewsOf(bed, all)
  const none = await database(bed, 'none', () => false)
  const single: string[] = []
  for (const view of views) single.push(await database(bed, view, (name) => name === view))
  const [bare, whole, ...ones] = await cpuOfInserts(bed, [none, all, ...single], bodies)
  await bed.warehouse.command('SYSTEM START MERGES')
  return [
    perOrder('insert_base', bare!),
    ...views.map((view, n) => perOrder(`insert_${view.replace(/_mv$/, '')}`, ones[n]! - bare!)),
    perOrder('insert_all', whole!),
    perOrder('merge_base_once', await cpuOfMerge(bed, bodies.length)),
  ]
}

const databaseOf = (name: string) => `stage_${name}`

async function database(bed: Bed, name: string, keeps: (view: string) => boolean): Promise<string> {
  const made = databaseOf(name)
  await migrate(bed.warehouse, { database: made, run: made, controlDatabase: made })
  for (const view of await viewsOf(bed, made))
    if (!keeps(view)) await bed.warehouse.command(`DROP VIEW ${made}.${view} SYNC`)
  return made
}

async function viewsOf({ warehouse }: Bed, of: string): Promise<string[]> {
  const rows = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${of}' AND engine = 'MaterializedView'
       AND create_table_query LIKE '%order_changes%' ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}

/** CPU-µs an order for each database, of all batches but the first ones. */
async function cpuOfInserts(bed: Bed, databases: readonly string[], bodies: readonly Body[]) {
  const { warehouse, clickhouse } = bed
  const usedMs = databases.map(() => 0)
  for (const [n, { body, mark }] of bodies.entries())
    for (const [at, into] of databases.entries()) {
      const insert = {
        database: into,
        run: into,
        topic: 'orders',
        partition: 0,
        lastMarkFirst: 0,
        mark,
        body,
      }
      const { sql, body: bytes, ...rest } = guardedInsert(insert)
      const before = cpuMs(clickhouse)
      await warehouse.insert(sql, bytes, rest)
      if (n >= WARM) usedMs[at]! += cpuMs(clickhouse) - before
    }
  return usedMs.map((ms) => (ms * 1_000) / (BATCHES * BATCH))
}

/** All parts of the base table into one: what each level of merges costs. */
async function cpuOfMerge({ warehouse, clickhouse }: Bed, batches: number): Promise<number> {
  const before = cpuMs(clickhouse)
  await warehouse.command(`OPTIMIZE TABLE ${databaseOf('none')}.order_changes FINAL`)
  return ((cpuMs(clickhouse) - before) * 1_000) / (batches * BATCH)
}

function perOrder(name: string, value: number): Measurement {
  return { name: `stages.${name}_us`, value, unit: 'µs/order', aim: null, lowerIsBetter: true }
}
