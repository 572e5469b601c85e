/**
 * The days on which a clock is changed, of which each zone has another two: 23 and 25 hours in New York and London, 23.5
 * and 24.5 on Lord Howe. One order in every quarter of an hour, refunds, edits and cancellations across the change; the
 * same ids in all tenants.
 */
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApi } from '../../api/app.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import { type NewRecord, partitionOf } from '../../core/log/event-log.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { decimalText } from '../oracle/exact-decimal.ts'
import type { Shop } from '../oracle/invent-order.ts'
import { dayIn } from '../oracle/local-days.ts'
import { openPipeline, type Pipeline } from '../oracle/pipeline.ts'
import { judge, runSources } from '../oracle/run-sources.ts'
import { inEitherForm, SeededSource } from '../oracle/seeded-source.ts'
import { sumText } from '../oracle/sum-text.ts'
import { startTestEngine, type TestEngine } from '../with-engine.ts'
import { orderIdOf } from './shops.ts'
import { sumsOf, type Tick, ticksAround } from './ticking-orders.ts'

const DATABASE = 'clock_changes'

/** The day of a change, how long it is, and the one hour that is not as long as others. */
interface Change {
  at: number
  day: string
  hours: number
  odd: { hour: number; hours: number }
}

interface Clock {
  tenant: TenantConfig
  changes: Change[]
}

const change =
  (text: string, hours: number, hour: number, lasts: number) =>
  (zone: string): Change => {
    const at = Date.parse(text)
    return { at, day: dayIn(zone, at), hours, odd: { hour, hours: lasts } }
  }

const clock = (
  id: string,
  timeZone: string,
  currency: string,
  ...changes: ReturnType<typeof change>[]
): Clock => ({
  tenant: { id, name: id, timeZone, currency },
  changes: changes.map((of) => of(timeZone)),
})

const CLOCKS: Clock[] = [
  clock(
    ...(['hudson', 'America/New_York', 'USD'] as const),
    change('2025-03-09T07:00Z', 23, 2, 0),
    change('2025-11-02T06:00Z', 25, 1, 2),
  ),
  clock(
    ...(['thames', 'Europe/London', 'GBP'] as const),
    change('2025-03-30T01:00Z', 23, 1, 0),
    change('2025-10-26T01:00Z', 25, 1, 2),
  ),
  clock(
    ...(['howe', 'Australia/Lord_Howe', 'AUD'] as const),
    change('2025-10-04T15:30Z', 23.5, 2, 0.5),
    change('2025-04-05T15:00Z', 24.5, 1, 1.5),
  ),
]
const TENANTS = CLOCKS.map(({ tenant }) => tenant)

let engine: TestEngine
let pipeline: Pipeline
let app: FastifyInstance
const ticks = new Map<string, Tick[]>()

beforeAll(async () => {
  engine = await startTestEngine()
  pipeline = await openPipeline({
    ...{ warehouse: engine.warehouse, database: DATABASE, tenants: TENANTS, maxRecords: 500 },
  })
  CLOCKS.forEach(({ tenant, changes }, index) => {
    const offsetE4 = BigInt(index + 1) * 1_000_0000n + BigInt(index + 1) * 111n
    ticks.set(
      tenant.id,
      changes.flatMap(({ at }) => ticksAround(tenant, at, offsetE4)),
    )
  })
  await append(pipeline, [...ticks])
  expect(await pipeline.settle()).toEqual([])
  app = createApi({
    ...{ tenants: TENANTS, warehouse: engine.warehouse, database: DATABASE, log: pipeline.log },
    ...{ logger: silentLogger, registry: new Registry() },
    health: () => ({ warehouse: 'up', processor: 'running', message: '' }),
  })
})
afterAll(async () => {
  await app?.close()
  await pipeline?.dispose()
  await engine?.stop()
})

async function append({ log }: Pipeline, told: readonly [string, Tick[]][]): Promise<void> {
  const partitions = log.partitions('orders')
  const recordsOf = ([tenant, own]: [string, Tick[]]): NewRecord[] =>
    own.flatMap(({ orderId, events }) => {
      const key = `${tenant}/shop/${orderId}`
      return events.map((event) => ({
        ...{ key, partition: partitionOf(key, partitions) },
        ...inEitherForm(key, Buffer.from(JSON.stringify(event))),
      }))
    })
  const all = told.flatMap(recordsOf)
  for (let from = 0; from < all.length; from += 1_000)
    await log.append('orders', all.slice(from, from + 1_000))
}

async function readSums({ id }: TenantConfig, database = DATABASE): Promise<Map<string, string>> {
  const axes = ['booked', 'sale'].map(
    (axis) =>
      `SELECT '${axis}' AS axis, day, hour, quarter, sum(${axis}_revenue) AS revenue, sum(${axis}_orders) AS orders
       FROM ${database}.quarter_hours_v1 WHERE tenant = '${id}' GROUP BY day, hour, quarter`,
  )
  const rows = await engine.warehouse.query<Record<string, string>>(axes.join(' UNION ALL '))
  return new Map(
    rows.map(({ axis, day, hour, quarter, revenue, orders }) => [
      `${axis} ${day} ${hour} ${quarter!.slice(0, 16).replace(' ', 'T')}`,
      `${decimalText(sumText(revenue!))} in ${orders}`,
    ]),
  )
}

const told = (sums: Map<string, string>) =>
  [...sums].filter(([, sum]) => sum !== '0 in 0').map(([key, sum]) => `${key}: ${sum}`)

async function ask<T>(tenant: TenantConfig, path: string): Promise<T> {
  const { statusCode, body } = await app.inject(`/api/v1/${path}&tenant=${tenant.id}`)
  expect([path, statusCode]).toEqual([path, 200])
  return JSON.parse(body)
}

describe.each(CLOCKS)('$tenant.timeZone', ({ tenant, changes }) => {
  it('has every quarter of an hour on its local day and in its local hour, on both axes', async () => {
    const expected = told(sumsOf(tenant.timeZone, ticks.get(tenant.id)!)).sort()
    const found = told(await readSums(tenant)).sort()
    console.log(
      `${tenant.timeZone}: ${ticks.get(tenant.id)!.length} orders, ${expected.length} quarters of an hour`,
    )
    expect(found.filter((line) => !expected.includes(line)).slice(0, 8)).toEqual([])
    expect(found).toEqual(expected)
  })

  it.each(changes)('has as many hours on $day as there were: $hours', async ({ day, hours, odd }) => {
    const own = told(sumsOf(tenant.timeZone, ticks.get(tenant.id)!)).filter((line) =>
      line.includes(` ${day} `),
    )
    for (const axis of ['booked', 'sale'] as const) {
      const range = `from=${day}&to=${day}&axis=${axis}`
      const sums = own.filter((line) => line.startsWith(axis)).map((line) => /: (\S+) in (\S+)$/.exec(line)!)
      const revenue = sums.reduce((sum, [, amount]) => sum + sumText(amount!), 0n)
      const orders = sums.reduce((sum, [, , count]) => sum + Number(count), 0)
      const { figures } = await ask<{ figures: { revenue: string; orders: number } }>(
        tenant,
        `headline?${range}`,
      )
      expect({ ...figures, revenue: sumText(figures.revenue) }).toMatchObject({ revenue, orders })
      const series = await ask<{ revenue: string[] }>(tenant, `series?day=${day}&axis=${axis}`)
      expect(series.revenue).toHaveLength(hours * 12)
      expect(sumText(series.revenue.at(-1)!)).toBe(revenue)
      const { cells } = await ask<{ cells: Cell[] }>(tenant, `profile?${range}`)
      const there = cells.filter((cell) => Number(cell.hours) > 0)
      expect(there.reduce((sum, cell) => sum + Number(cell.hours), 0)).toBe(hours)
      expect(cells.filter((cell) => Number(cell.hours) === 0 && cell.revenue !== '0')).toEqual([])
      const oddCells = cells.filter((cell) => cell.hour === odd.hour && cell.weekday === 7)
      expect(oddCells.map((cell) => Number(cell.hours))).toEqual([odd.hours])
    }
    // As many orders were placed in the odd hour as it has quarters, whatever became of them later.
    const [placed] = await engine.warehouse.query<{ n: string }>(
      `SELECT uniqExact(order_id) AS n FROM ${DATABASE}.order_changes
       WHERE sign = 1 AND tenant = '${tenant.id}' AND sale_day = '${day}' AND sale_hour = ${odd.hour}`,
    )
    expect(Number(placed!.n)).toBe(odd.hours * 4)
  })
})

it('a processor that takes no notice of the change is found', async () => {
  const { tenant } = CLOCKS[0]!
  const own = ticks.get(tenant.id)!
  // New York's winter, all year round.
  const believedTenants = [{ ...tenant, timeZone: 'Etc/GMT+5' }]
  const database = 'clocks_mutant'
  const mutant = await openPipeline({
    ...{ warehouse: engine.warehouse, database, tenants: [tenant], believedTenants, maxRecords: 500 },
  })
  try {
    await append(mutant, [[tenant.id, own]])
    expect(await mutant.settle()).toEqual([])
    const expected = told(sumsOf(tenant.timeZone, own))
    const wrong = told(await readSums(tenant, database)).filter((line) => !expected.includes(line))
    console.log(`mutant, no change of the clock: ${wrong.length} of ${expected.length} quarters: ${wrong[0]}`)
    expect(wrong.length).toBeGreaterThan(expected.length / 3)
    expect(wrong.length).toBeLessThan(expected.length)
  } finally {
    await mutant.dispose()
  }
})

interface Cell {
  weekday: number
  hour: number
  hours: string
  revenue: string
}

describe('the oracle across the changes of two clocks', () => {
  const shopOf = ({ tenant, changes }: Clock, all: readonly Change[]): Shop => ({
    ...{ tenant: tenant.id, zone: tenant.timeZone, sources: ['shop'] },
    ...{ currencies: ['USD', 'AUD', 'GBP'], countries: [tenant.name] },
    anchors: [...changes, ...all].map(({ at }) => at),
  })

  it.each([
    ['hudson', 'thames'],
    ['hudson', 'howe'],
    ['howe', 'thames'],
  ])('agrees for %s and %s, which have the same order ids', async (...ids) => {
    const clocks = CLOCKS.filter(({ tenant }) => ids.includes(tenant.id))
    const all = clocks.flatMap(({ changes }) => changes)
    const tenants = clocks.map(({ tenant }) => tenant)
    const options = {
      warehouse: engine.warehouse,
      database: `clocks_${ids.join('_')}`,
      tenants,
      maxRecords: 50,
    }
    const sources = clocks.map(
      (each, n) =>
        new SeededSource({ seed: 50 + n, shop: shopOf(each, all), orders: 30, orderIdOf, shuffleWindow: 20 }),
    )
    const own = await openPipeline(options)
    try {
      const { faults } = await runSources(own, sources)
      expect([...faults, ...(await judge(own, sources, options))]).toEqual([])
    } finally {
      await own.dispose()
    }
  })
})
