/**
 * Orders a second from the log to all views, with the CPU of each stage; and a rival in the same run: a plain consumer
 * that inserts JSONEachRow into the same tables with the same views, with the best of three batch sizes.
 */

import type { EventLog } from '../core/log/event-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { COMPUTE_THREADS, createComputePool } from '../processors/orders/compute-pool.ts'
import { openMarks } from '../processors/orders/open-marks.ts'
import { BATCH_LIMITS } from '../processors/orders/partition-loop.ts'
import { startOrdersProcessor } from '../processors/orders/process-orders.ts'
import { benchRecord, type Form } from './bench-order.ts'
import type { Measurement } from './measurement.ts'
import { type Bed, cpuMs, DATABASE, residentMb, threadCpuMs, withBed } from './pipeline-bed.ts'
import { runRival } from './run-rival.ts'

/** Long enough for merges to have their share. */
const ORDERS = 1_500_000
/** The median of them counts: a disk that is slow for some seconds, as a rented one may be, halves one of them. */
const RUNS = 3
/** Of what is slow. */
const FEW_ORDERS = 250_000
/** Before the clock starts: code that is compiled, tables that have parts. */
const WARM = 200_000
const APPEND = 5_000
const AIM = 100_000

export async function measurePipeline(): Promise<Measurement[]> {
  const runs: Drained[] = []
  for (let run = 0; run < RUNS; run++) {
    runs.push(await withBed((bed) => drain(bed, 'compact', ORDERS)))
    console.log(`run ${run + 1} of ${RUNS}: ${runs[run]!.perSecond.toFixed()} orders a second`)
  }
  const compact = runs.toSorted((a, b) => a.perSecond - b.perSecond)[RUNS >> 1]!
  const json = await withBed((bed) => drain(bed, 'json', FEW_ORDERS))
  const rival = await withBed((bed) => runRival(bed, 2 * FEW_ORDERS))
  return [
    rate('embedded.orders_per_second', compact.perSecond, AIM),
    rate('embedded.orders_per_second_json', json.perSecond, null),
    ...compact.stages.map((stage) => cpuOf('embedded', stage)),
    rate('embedded.appends_per_second', compact.appendsPerSecond, null),
    {
      name: 'embedded.memory_processor_mb',
      value: compact.processorMb,
      unit: 'MB',
      aim: null,
      lowerIsBetter: true,
    },
    {
      name: 'embedded.memory_clickhouse_mb',
      value: compact.clickhouseMb,
      unit: 'MB',
      aim: null,
      lowerIsBetter: true,
    },
    rate('rival.orders_per_second', rival.perSecond, null),
    { name: 'rival.batch_orders', value: rival.batch, unit: 'orders', aim: null, lowerIsBetter: false },
  ]
}

/** CPU-µs an order of one stage, by its own name. */
export function cpuOf(prefix: string, { name, us }: Stage): Measurement {
  return {
    name: `${prefix}.cpu_${name}_us`,
    value: us,
    unit: 'µs/order',
    aim: null,
    lowerIsBetter: true,
  }
}

export function rate(name: string, value: number, aim: number | null): Measurement {
  return { name, value, unit: 'orders/s', aim, lowerIsBetter: false }
}

/** The load of the README's first numbers: what is warmed up with, then the whole backlog. */
export async function drain(bed: Bed, form: Form, orders: number) {
  return withProcessor(bed, async (line) => {
    await measureDrain(bed, line, form, 0, WARM)
    return measureDrain(bed, line, form, WARM, orders)
  })
}

/** The same load behind ever more orders; and how long a start takes with so many. */
export async function measureGrowth(millions: number): Promise<Measurement[]> {
  return withBed(async (bed) => {
    const results: Measurement[] = []
    let at = 0
    for (const million of GROWTH.filter((point) => point <= millions)) {
      await withProcessor(bed, async (line) => {
        for (; at < million * 1_000_000; at += FILL) {
          // A backlog comes in whole batches; records as they are appended would make a hundred small parts of it.
          line.pause()
          await line.append('compact', at, FILL)
          line.goOn()
          await line.reached(at + FILL)
        }
      })
      const since = performance.now()
      await withProcessor(bed, async (line) => {
        const startSeconds = (performance.now() - since) / 1_000
        const measured = await measureDrain(bed, line, 'compact', at, BEHIND)
        at += BEHIND
        results.push(...growthAt(million, startSeconds, measured))
      })
      for (const result of results.slice(-5)) console.log(`${result.name} ${result.value.toFixed(2)}`)
    }
    return results
  })
}

const GROWTH = [1, 10, 30, 50]
/** Measured behind so many. */
const BEHIND = 500_000
const FILL = 500_000

type Drained = Awaited<ReturnType<typeof measureDrain>>

function growthAt(million: number, startSeconds: number, measured: Drained): Measurement[] {
  const one = (
    name: string,
    value: number,
    unit: Measurement['unit'],
    lowerIsBetter = true,
  ): Measurement => ({
    ...{ name: `growth.${name}_at_${million}m`, value, unit, aim: null, lowerIsBetter },
  })
  return [
    one('orders_per_second', measured.perSecond, 'orders/s', false),
    one('cpu_clickhouse_us', measured.stages.find(({ name }) => name === 'clickhouse')!.us, 'µs/order'),
    one('memory_processor_mb', measured.processorMb, 'MB'),
    one('memory_clickhouse_mb', measured.clickhouseMb, 'MB'),
    one('state_ready_s', startSeconds, 's'),
  ]
}

/** A running processor: what is appended lands in ClickHouse. */
interface Line extends ReturnType<typeof watchLanding> {
  append(form: Form, from: number, count: number): Promise<number>
}

/** `work` begins when the processor has made its state and taken what there was. */
async function withProcessor<T>(bed: Bed, work: (line: Line) => Promise<T>): Promise<T> {
  const { folder, log, warehouse } = bed
  const context = {
    run: 'r1',
    topic: 'orders',
    incarnation: log.incarnation,
    code: 'bench',
    serverStart: 0,
    tenants: new Map([[DEMO_TENANT.id, DEMO_TENANT]]),
  }
  await openMarks({ warehouse, database: DATABASE, log, context, takeLog: false, now: systemClock.now() })
  const landing = watchLanding()
  let toLoad = log.partitions('orders')
  let isLoaded = () => {}
  const loaded = new Promise<void>((resolve) => {
    isLoaded = resolve
  })
  const pool = createComputePool(COMPUTE_THREADS, folder)
  const processor = await startOrdersProcessor({
    ...{ warehouse, database: DATABASE, log, clock: systemClock, logger: silentLogger, context, pool },
    limits: BATCH_LIMITS,
    onStep: landing.hold,
    onEvent: (partition, event) => {
      if (event.type === 'landed') landing.landed(partition, event.batch.last + 1)
      if (event.type === 'recovered') landing.landed(partition, event.mark + 1)
      if (event.type === 'loaded') toLoad -= 1
      if (toLoad === 0) isLoaded()
    },
  })
  try {
    await landing.reached(await recordsIn(log))
    await loaded
    return await work({ ...landing, append: (form, from, count) => append(bed, form, from, count) })
  } finally {
    await processor.stop()
    await pool.close()
  }
}

/** The whole backlog is there when the clock starts. */
async function measureDrain(
  { clickhouse, broker }: Bed,
  line: Line,
  form: Form,
  from: number,
  count: number,
) {
  line.pause()
  const appendedMs = await line.append(form, from, count)
  const servers = () => ({ clickhouse: cpuMs(clickhouse), broker: broker === undefined ? 0 : cpuMs(broker) })
  const before = { at: performance.now(), ...servers(), threads: threadCpuMs(process.pid) }
  line.goOn()
  await line.reached(from + count)
  const seconds = (performance.now() - before.at) / 1_000
  return {
    perSecond: count / seconds,
    appendsPerSecond: (count / appendedMs) * 1_000,
    stages: stagesOf(before, servers(), count),
    processorMb: residentMb(process.pid),
    clickhouseMb: residentMb(clickhouse),
  }
}

async function append({ log }: Bed, form: Form, from: number, count: number): Promise<number> {
  let ms = 0
  for (let at = from; at < from + count; at += APPEND) {
    const records = Array.from({ length: APPEND }, (_, i) => benchRecord(at + i, form))
    const since = performance.now()
    await log.append('orders', records)
    ms += performance.now() - since
  }
  return ms
}

/** CPU so far, ms. */
interface Servers {
  clickhouse: number
  broker: number
}

export interface Stage {
  name: string
  us: number
}

/** CPU-µs an order: the main thread takes and sends, the busiest others compute, the rest is I/O and collecting. */
function stagesOf(
  before: Servers & { threads: ReadonlyMap<string, number> },
  after: Servers,
  orders: number,
): Stage[] {
  const used = [...threadCpuMs(process.pid)].map(([thread, ms]) => ({
    isMain: thread === String(process.pid),
    ms: ms - (before.threads.get(thread) ?? 0),
  }))
  const main = used.find(({ isMain }) => isMain)!.ms
  const others = used.filter(({ isMain }) => !isMain).map(({ ms }) => ms)
  const busiest = others.toSorted((a, b) => b - a)
  const sum = (all: readonly number[]) => all.reduce((total, ms) => total + ms, 0)
  const compute = sum(busiest.slice(0, COMPUTE_THREADS))
  const rest = sum(busiest.slice(COMPUTE_THREADS))
  const stage = (name: string, ms: number): Stage => ({ name, us: (ms * 1_000) / orders })
  return [
    stage('take_and_send', main),
    stage('compute', compute),
    stage('other_threads', rest),
    stage('clickhouse', after.clickhouse - before.clickhouse),
    ...(after.broker > 0 ? [stage('broker', after.broker - before.broker)] : []),
  ]
}

async function recordsIn(log: EventLog): Promise<number> {
  const partitions = Array.from({ length: log.partitions('orders') }, (_, partition) => partition)
  const bounds = await Promise.all(partitions.map((partition) => log.bounds('orders', partition)))
  return bounds.reduce((sum, { next }) => sum + next, 0)
}

/** Records of all partitions together, from the log's beginning. */
function watchLanding() {
  const next = new Map<number, number>()
  let waiting: { records: number; resolve: () => void } | undefined
  const hasReached = (records: number) => [...next.values()].reduce((sum, one) => sum + one, 0) >= records
  let paused: Promise<void> | undefined
  let resume = () => {}
  return {
    landed(partition: number, offset: number) {
      next.set(partition, offset)
      if (waiting !== undefined && hasReached(waiting.records)) waiting.resolve()
    },
    reached: (records: number) =>
      new Promise<void>((resolve) => {
        if (hasReached(records)) resolve()
        else waiting = { records, resolve }
      }),
    /** The processor waits before its next batch, so that the whole backlog is there when the clock starts. */
    pause() {
      paused = new Promise((resolve) => {
        resume = resolve
      })
    },
    goOn() {
      paused = undefined
      resume()
    },
    hold: (step: string, phase: string) => (step === 'take' && phase === 'after' ? paused : undefined),
  }
}
