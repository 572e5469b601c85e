/**
 * A simulated shop for a long time at one rate, with a wall open on it: memory, parts, latency and lag as they go, a line
 * a minute; at the end drift, and what the simulation knows it sold against what ClickHouse has.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { encodeOrdersEvent } from '../core/contracts/encode-event.ts'
import { LIVE_PATH } from '../core/contracts/live-path.ts'
import { type OrderEventInput, orderKey } from '../core/contracts/order.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { DEMO_TENANT } from '../core/runtime/env.ts'
import type { Measurement } from './measurement.ts'
import { residentMb } from './pipeline-bed.ts'
import { quantile } from './quantile.ts'
import { type Running, runRevwall, withFolder, withRevwall } from './run-revwall.ts'
import { connectTo, historyLoaded, steadyShop } from './steady-shop.ts'
import { type Watch, watchFigure } from './watch-figure.ts'

const RATE = 2_000
const PROBE_EVERY_MS = 500
/** Until then caches fill and code is compiled: what comes later is compared with what follows it. */
const SETTLED_AFTER = 0.2

interface Minute {
  processMb: number
  clickhouseMb: number
  parts: number
  p50: number
  p99: number
  lag: number
}

export async function measureSoak(minutes: number): Promise<Measurement[]> {
  return withFolder(async (folder) => {
    const ledger = join(folder, 'ledger.json')
    const seen = await withRevwall(steadyShop(RATE, ledger), folder, (running) =>
      watchMinutes(running, minutes),
    )
    // What the log had more than ClickHouse when it was stopped.
    await withRevwall(['up', '--no-replay'], folder, catchUp)
    const audit = JSON.parse((await runRevwall(['audit', '--json'], folder)).printed) as Audit
    return [...measurementsOf(seen), ...checked(audit, JSON.parse(readFileSync(ledger, 'utf8')))]
  })
}

interface Audit {
  driftE4: string
  totals: { revenue: string; orders: string }[]
}

async function watchMinutes({ folder, url, pid }: Running, minutes: number): Promise<Minute[]> {
  const log = await openEmbeddedLog({ folder: join(folder, 'log') })
  const watch = await watchFigure(
    `${url.replace('http', 'ws')}${LIVE_PATH}`,
    ({ creditCount }) => creditCount,
  )
  const warehouse = connectTo(folder)
  try {
    await historyLoaded(url, async () => (await stateOf(warehouse, log, pid)).lag < 2 * RATE)
    const seen: Minute[] = []
    const probes = { sent: 0 }
    for (let minute = 1; minute <= minutes; minute++) {
      const latencies = await probeForAMinute(log, watch, probes)
      const one = {
        ...(await stateOf(warehouse, log, pid)),
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
      }
      seen.push(one)
      const texts = [one.processMb, one.clickhouseMb, one.parts, one.p50, one.p99, one.lag].map((n) =>
        n.toFixed(0),
      )
      console.log(
        `minute ${minute}: revwall ${texts[0]} MB, ClickHouse ${texts[1]} MB, ${texts[2]} parts, order to frame p50 ${texts[3]} p99 ${texts[4]} ms, ${texts[5]} records behind`,
      )
    }
    return seen
  } finally {
    watch.close()
    await warehouse.close()
    await log.close()
  }
}

/** A document of nothing, twice a second: nobody else sends credits. */
async function probeForAMinute(log: EventLog, watch: Watch, probes: { sent: number }): Promise<number[]> {
  const latencies: Promise<number>[] = []
  const until = performance.now() + 60_000
  while (performance.now() < until) {
    probes.sent += 1
    await log.append('orders', [probeOf(probes.sent)])
    const acknowledgedAt = performance.now()
    const latency = watch.reached(probes.sent).then((at) => Math.max(0, at - acknowledgedAt))
    // Told when the minute is over.
    latency.catch(() => {})
    latencies.push(latency)
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS))
  }
  return (await Promise.all(latencies)).sort((a, b) => a - b)
}

function probeOf(n: number) {
  const at = new Date().toISOString()
  const event: OrderEventInput = {
    ...{ type: 'order', schemaVersion: 1, tenant: DEMO_TENANT.id, source: 'probe', orderId: String(n) },
    ...{ version: 1, changedAt: at, placedAt: at, kind: 'credit', status: 'completed' },
    currency: DEMO_TENANT.currency,
    lines: [],
  }
  return { partition: 0, key: orderKey(event), ...encodeOrdersEvent(event) }
}

async function stateOf(warehouse: Warehouse, log: EventLog, pid: number) {
  const [row] = await warehouse.query<{ parts: string; mark: string }>(
    `SELECT (SELECT count() FROM system.parts WHERE active AND database LIKE 'revwall%') AS parts,
      (SELECT max(mark_last) FROM revwall_r1.order_changes WHERE sign = 0 AND tenant = '') AS mark`,
  )
  const { next } = await log.bounds('orders', 0)
  return {
    processMb: residentMb(pid),
    clickhouseMb: residentMb(childOf(pid)),
    parts: Number(row!.parts),
    lag: next - 1 - Number(row!.mark),
  }
}

/** Its one child process is ClickHouse. */
function childOf(pid: number): number {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
  if (children.length === 0) throw new Error('revwall has no ClickHouse')
  return Math.max(...children.map(Number).filter((child) => residentMb(child) > 50))
}

function parentOf(pid: string): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    // It has ended meanwhile.
    return -1
  }
}

async function catchUp({ folder }: Running): Promise<void> {
  const log = await openEmbeddedLog({ folder: join(folder, 'log') })
  const warehouse = connectTo(folder)
  while ((await stateOf(warehouse, log, process.pid)).lag > 0)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  await warehouse.close()
  await log.close()
}

/** Means of the first settled fifth and of the last fifth: what grows shows between them. */
function measurementsOf(seen: readonly Minute[]): Measurement[] {
  const fifth = Math.max(1, Math.floor(seen.length * SETTLED_AFTER))
  const early = seen.length < 3 ? seen : seen.slice(fifth, 2 * fifth)
  const late = seen.slice(-fifth)
  const mean = (some: readonly Minute[], of: keyof Minute) =>
    some.reduce((sum, one) => sum + one[of], 0) / some.length
  const pair = (name: string, of: keyof Minute, unit: Measurement['unit']): Measurement[] => [
    {
      name: `soak.${name}_early_${unit.toLowerCase()}`,
      value: mean(early, of),
      unit,
      aim: null,
      lowerIsBetter: true,
    },
    {
      name: `soak.${name}_late_${unit.toLowerCase()}`,
      value: mean(late, of),
      unit,
      aim: null,
      lowerIsBetter: true,
    },
  ]
  return [
    { name: 'soak.minutes', value: seen.length, unit: 'minutes', aim: null, lowerIsBetter: false },
    ...pair('memory_revwall', 'processMb', 'MB'),
    ...pair('memory_clickhouse', 'clickhouseMb', 'MB'),
    ...pair('order_to_frame_p50', 'p50', 'ms'),
    ...pair('order_to_frame_p99', 'p99', 'ms'),
    {
      name: 'soak.parts_most',
      value: Math.max(...seen.map(({ parts }) => parts)),
      unit: 'parts',
      aim: null,
      lowerIsBetter: true,
    },
  ]
}

interface LedgerFile {
  totals: { booked: { revenue: string; orders: number } }
}

function checked({ driftE4, totals }: Audit, { totals: { booked } }: LedgerFile): Measurement[] {
  const [total] = totals
  console.log(
    `ledger ${booked.revenue} in ${booked.orders} orders, ClickHouse ${total?.revenue} in ${total?.orders} orders`,
  )
  const differs = Number(total?.revenue) !== Number(booked.revenue) || Number(total?.orders) !== booked.orders
  const exact = (name: string, value: number): Measurement => ({
    name,
    value,
    unit: 'difference',
    aim: 0,
    lowerIsBetter: true,
  })
  return [exact('soak.drift', Math.abs(Number(driftE4))), exact('soak.ledger', differs ? 1 : 0)]
}
