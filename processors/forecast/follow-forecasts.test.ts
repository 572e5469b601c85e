import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import {
  readForecastModel,
  readForecastNames,
  readForecastPoints,
  type SeriesName,
} from '../../clickhouse/queries/read-forecasts.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { fromE4, sumToE4 } from '../../core/contracts/money.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import {
  FORECAST_STEPS,
  type ForecastResult,
  type ForecastStep,
  forecastResult,
} from '../../core/contracts/results.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { formatDay, parseDay } from '../../core/runtime/local-time.ts'
import { type Logger, silentLogger } from '../../core/runtime/logger.ts'
import { createTaskPool } from '../../core/runtime/task-pool.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { openPipeline, type Pipeline } from '../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { createHolidayBook, OWN_HOLIDAYS } from '../holiday-book.ts'
import { type FollowForecastsOptions, type ForecastsMade, followForecasts } from './follow-forecasts.ts'
import type { SeriesForecast } from './forecast-request.ts'
import { idOf } from './forecast-rows.ts'
import { type ForecastTask, runForecastTask } from './forecast-task.ts'

const DATABASE = 'revwall_forecasts'
const TENANT = { id: 'acme', name: 'Acme', timeZone: 'America/Sao_Paulo', currency: 'BRL' }
const SCOPE = { database: DATABASE, tenant: 'acme' }
const ALL = { series: 'revenue', dimension: 'all', key: '' } as const
const FIRST_DAY = parseDay('2024-01-01')
const DAYS = 160
const CUT_OFF = FIRST_DAY + DAYS - 1
const PATIENCE_MS = 60_000
/** Revenue, orders and ticket of all, and of two countries, categories and articles each. */
const SERIES = 21

const followers: Follower[] = []
let test: TestEngine
let pipeline: Pipeline

beforeAll(async () => {
  test = await startTestEngine()
  pipeline = await openPipeline({
    warehouse: test.warehouse,
    database: DATABASE,
    tenants: [TENANT],
    maxRecords: 500,
  })
})
afterEach(() => Promise.all(followers.splice(0).map((one) => one.stop())))
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

async function tell(orders: readonly (Partial<OrderEventInput> & { orderId: string; placedAt: string })[]) {
  const records = orders.map((order) => {
    const event = {
      ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', version: 1, status: 'completed' },
      ...{ changedAt: order.placedAt, currency: 'BRL', lines: linesOf(order) },
      ...order,
    } as OrderEventInput
    const key = orderKey(event)
    return { partition: partitionOf(key, 2), key, ...encodeOrdersEvent(event) }
  })
  await pipeline.log.append('orders', records)
  expect(await pipeline.settle()).toEqual([])
}

/** All of it in two lines of one article, which follows the country. */
function linesOf({ country, total }: Partial<OrderEventInput>): OrderEventInput['lines'] {
  if (country === undefined) return []
  const article = country === 'North' ? { sku: 'pen', category: 'desk' } : { sku: 'pot', category: 'kitchen' }
  const line = { ...article, name: article.sku, quantity: '1' }
  const rest = fromE4(sumToE4(String(total)) - 500_000n)
  return [
    { ...line, unitPrice: '50', amount: '50' },
    { ...line, unitPrice: rest, amount: rest },
  ]
}

/** The tenant's now: the middle of a local day. */
async function tellNow(day: number, mode = 'replay'): Promise<void> {
  const head = { type: 'source.progress', schemaVersion: 1, tenant: 'acme', source: 'shop', mode }
  const event = { ...head, upTo: noonOf(day), polledAt: new Date().toISOString(), speed: 1 }
  const value = Buffer.from(JSON.stringify(event))
  const records = [0, 1].map((partition) => ({
    partition,
    key: 'acme/shop',
    value,
    contentType: 'application/json' as const,
  }))
  await pipeline.log.append('orders', records)
  expect(await pipeline.settle()).toEqual([])
}

const noonOf = (day: number) => `${formatDay(day)}T15:00:00.000Z`

/** A shop that is closed on every seventh day; two countries, and one order in another currency. */
const first = Array.from({ length: DAYS + 1 }, (_, i) => i)
  .filter((i) => i % 7 !== 5)
  .flatMap((i) =>
    ['North', 'South'].map((country, c) => ({
      orderId: `o-${i}-${c}`,
      placedAt: noonOf(FIRST_DAY + i),
      country,
      total: `${100 * (c + 1) + ((i * 37) % 60) + 10 * (i % 7)}.25`,
    })),
  )

interface Follower {
  looks: (ForecastsMade | undefined)[]
  made(): ForecastsMade[]
  stop(): Promise<void>
}

function follow(more: Partial<FollowForecastsOptions> = {}): Follower {
  const stopping = new AbortController()
  const looks: Follower['looks'] = []
  const done = followForecasts({
    ...{ warehouse: test.warehouse, database: DATABASE, run: 'r1', log: pipeline.log },
    ...{ tenants: new Map([[TENANT.id, TENANT]]), holidays: OWN_HOLIDAYS },
    ...{ clock: systemClock, logger: silentLogger, signal: stopping.signal, registry: new Registry() },
    limits: { lookIntervalMs: 50, checkIntervalMs: 50, minIntervalMs: 0, unsettledIntervalMs: 600_000 },
    onLook: (made) => looks.push(made),
    ...more,
  })
  const follower: Follower = {
    looks,
    made: () => looks.filter((made) => made !== undefined),
    stop: async () => {
      stopping.abort()
      await done
    },
  }
  followers.push(follower)
  return follower
}

/** So many looks that whatever is due has been seen: the tenant's now is read every five seconds. */
const looked = (follower: Follower, more: number) => {
  const enough = follower.looks.length + more
  return waitUntil('looks', PATIENCE_MS, async () => follower.looks.length >= enough)
}

/** What the pure function makes of the days and of the weeks, summed from the base table. */
async function expected(step: ForecastStep, cutOff: number): Promise<Map<string, string[]>> {
  const rows = await test.warehouse.query<{ country: string; day: string; revenue: string; orders: string }>(
    `SELECT country, toString(booked) AS day, sum(sign * amount) AS revenue, sum(sign * number) AS orders
     FROM ${DATABASE}.order_changes
     ARRAY JOIN booked_day AS booked, booked_amount AS amount, booked_orders AS number, booked_currency AS of
     WHERE sign != 0 AND of = 'BRL' AND day <= '${formatDay(cutOff)}' GROUP BY country, day ORDER BY day`,
  )
  // What articles and categories brought follows the present state of each order, on the day of its sale.
  const lines = await test.warehouse.query<(typeof rows)[number]>(
    `SELECT country, toString(booked_day[1]) AS day, sum(sign * arraySum(line_amount)) AS revenue, sum(sign) AS orders
     FROM ${DATABASE}.order_changes WHERE sign != 0 AND currency = 'BRL' AND day <= '${formatDay(cutOff)}'
     GROUP BY country, day ORDER BY day`,
  )
  // The first day is a Monday.
  const days = step === 'day' ? 1 : 7
  const count = Math.floor((cutOff - FIRST_DAY + 1) / days)
  const valuesOf = (
    country: string | undefined,
    figureOf: (of: typeof rows) => number,
    from: typeof rows = rows,
  ) =>
    Float64Array.from({ length: count }, (_, i) =>
      figureOf(
        from.filter(
          (row) =>
            Math.floor((parseDay(row.day) - FIRST_DAY) / days) === i &&
            (country === undefined || country === row.country),
        ),
      ),
    )
  const revenue = (of: typeof rows) => of.reduce((sum, row) => sum + Number(row.revenue), 0)
  const orders = (of: typeof rows) => of.reduce((sum, row) => sum + Number(row.orders), 0)
  const ticket = (of: typeof rows) => (of.length === 0 ? Number.NaN : revenue(of) / orders(of))
  const figures = Object.entries({ revenue, orders, ticket })
  const parts: [dimension: string, keys: [south: string, north: string]][] = [
    ['country', ['South', 'North']],
    // Two lines of one article each: as many orders, and the same amounts.
    ['category', ['kitchen', 'desk']],
    ['product', ['pot', 'pen']],
  ]
  const groups = [
    figures.map(([id, figureOf]) => ({ id, values: valuesOf(undefined, figureOf) })),
    ...parts.flatMap(([dimension, [south, north]]) =>
      figures.map(([id, figureOf]) =>
        [south, north].map((key, at) => ({
          id: `${id}/${dimension}/${key}`,
          values: valuesOf(['South', 'North'][at], figureOf, dimension === 'country' ? rows : lines),
        })),
      ),
    ),
  ]
  const forecasts = groups.flatMap((group) =>
    runForecastTask({
      ...{ step, cutOff: formatDay(FIRST_DAY + count * days - 1) },
      series: group.map((one) => ({ ...one, firstDay: formatDay(FIRST_DAY) })),
    }),
  )
  return new Map(forecasts.map((one) => [one.id, stepsOf(one)]))
}

function stepsOf({ point, lo80, hi80, lo95, hi95 }: SeriesForecast): string[] {
  const text = (value: number) => fromE4(Math.round(value * 10_000))
  return Array.from(point, (value, h) =>
    [value, lo80[h]!, hi80[h]!, lo95[h]!, hi95[h]!].map((one) => Number(text(one))).join(' '),
  )
}

async function stored(name: SeriesName, step: ForecastStep = 'day') {
  const scope = { ...SCOPE, ...name, step }
  const model = (await readForecastModel(test.warehouse, scope))!
  const { cutOff, revision } = model
  const points = await readForecastPoints(test.warehouse, { ...scope, cutOff, revision })
  const steps = points.map(({ day: _, ...bounds }) => Object.values(bounds).map(Number).join(' '))
  return { model, steps, days: points.map(({ day }) => day) }
}

async function expectStored(cutOff: number): Promise<void> {
  for (const step of FORECAST_STEPS) {
    const names = await readForecastNames(test.warehouse, { ...SCOPE, step })
    const wanted = await expected(step, cutOff)
    expect(names.map(idOf).sort()).toEqual([...wanted.keys()].sort())
    for (const name of names)
      expect((await stored(name, step)).steps, `${step} ${idOf(name)}`).toEqual(wanted.get(idOf(name)))
  }
}

async function countRows(): Promise<string> {
  const [row] = await test.warehouse.query<{ n: string }>(
    `SELECT concat(toString(count()), ' ', toString(uniqExact(revision))) AS n FROM ${DATABASE}.forecasts`,
  )
  return row!.n
}

async function events(): Promise<(ForecastResult & { at: string })[]> {
  const all: (ForecastResult & { at: string })[] = []
  for (let partition = 0; partition < pipeline.log.partitions('forecasts'); partition++) {
    const limits = { maxRecords: 100_000, maxBytes: 2 ** 25 }
    for (const { value, key } of await pipeline.log.read('forecasts', partition, 0, limits)) {
      const event = forecastResult.parse(JSON.parse(Buffer.from(value).toString()))
      all.push({ ...event, at: `${key} ${event.eventId}` })
    }
  }
  return all
}

it('stores what the pure function makes of the days, once, whoever leads', async () => {
  await tell([
    ...first,
    { orderId: 'euro', placedAt: noonOf(FIRST_DAY + 3), currency: 'EUR', total: '9999.00' },
  ])
  // As after a history that was loaded and is not played on.
  await tellNow(CUT_OFF + 1, 'history')
  const both = [follow(), follow()]
  await waitUntil('a forecast', PATIENCE_MS, async () => both.some((one) => one.made().length > 0))
  // Of the two one leads, and the other never looks.
  const [leader, other] = both[0]!.looks.length > 0 ? both : both.reverse()
  expect(leader!.made()).toEqual([
    { tenant: 'acme', revision: 1, cutOff: formatDay(CUT_OFF), series: 2 * SERIES, failed: 0 },
  ])
  expect(other!.looks).toEqual([])
  await expectStored(CUT_OFF)
  const { model, days } = await stored(ALL)
  expect(model).toMatchObject({
    cutOff: formatDay(CUT_OFF),
    days: DAYS,
    firstDay: '2024-01-01',
    currency: 'BRL',
  })
  const newest = first
    .filter(({ placedAt }) => placedAt === noonOf(CUT_OFF))
    .map(({ total }) => Number(total))
  expect(model.past).toHaveLength(56)
  expect(Number(model.past.at(-1))).toBe(newest.reduce((sum, total) => sum + total, 0))
  expect(days).toEqual(Array.from({ length: 56 }, (_, h) => formatDay(CUT_OFF + 1 + h)))
  expect(model.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9)
  expect(model.origins).toBeGreaterThan(0)
  for (const { wape, smape, mase } of [model.combination, model.seasonalNaive, model.naive])
    expect([wape, smape, mase].every((figure) => figure! > 0)).toBe(true)
  expect(model.combination.wape).toBeLessThan(model.naive.wape!)

  // Events say the same, each under an id of its own.
  const told = await events()
  expect(new Set(told.map(({ at }) => at)).size).toBe(SERIES * (56 + 8))
  const steps = told
    .filter(
      ({ series, dimension, step }) => series === 'revenue' && dimension === undefined && step === undefined,
    )
    .sort((a, b) => (a.period < b.period ? -1 : 1))
  expect(steps.map(({ period }) => period)).toEqual(days)
  expect(steps[0]).toMatchObject({ unit: 'BRL', cutOff: `${formatDay(CUT_OFF + 1)}T03:00:00.000Z` })

  // The first day was a Monday, and the last one is a Saturday: that week is not over.
  const weeks = await stored(ALL, 'week')
  expect(weeks.model).toMatchObject({ cutOff: '2024-06-02', days: 154, firstDay: '2024-01-01' })
  expect(weeks.days).toEqual(Array.from({ length: 8 }, (_, h) => formatDay(parseDay('2024-06-03') + 7 * h)))
  expect(weeks.model.combination.wape).toBeGreaterThan(0)
  expect(weeks.model.past).toHaveLength(22)
  const toldWeeks = told.filter(
    ({ series, dimension, step }) => series === 'orders' && !dimension && step === 'week',
  )
  expect(toldWeeks.map(({ period }) => period).sort()).toEqual(weeks.days)
  expect(toldWeeks[0]).toMatchObject({ unit: 'orders', cutOff: '2024-06-03T03:00:00.000Z' })

  // Who takes over finds what was stored, and makes nothing twice; nor does who starts anew.
  const before = await countRows()
  expect(before).toBe(`${SERIES * 56} 1`)
  await leader!.stop()
  await waitUntil('the other', PATIENCE_MS, async () => other!.looks.length >= 5)
  await other!.stop()
  const again = follow()
  await looked(again, 5)
  await again.stop()
  expect([...other!.made(), ...again.made()]).toEqual([])
  expect(await countRows()).toBe(before)
  expect(await events()).toHaveLength(SERIES * (56 + 8))
})

it('forecasts anew when the past was edited materially, and when another day is over', async () => {
  const following = follow()
  await looked(following, 3)
  const [one] = first
  // Less than a thousandth of the whole is no reason.
  const edited = { ...one!, version: 2, changedAt: noonOf(FIRST_DAY + 51), total: '100.26' }
  await tell([edited])
  await looked(following, 10)
  expect(following.made()).toEqual([])
  await tell([{ ...edited, version: 3, total: '2500.00' }])
  await waitUntil('another forecast', PATIENCE_MS, async () => following.made().length > 0)
  expect(following.made()).toMatchObject([{ revision: 2, cutOff: formatDay(CUT_OFF) }])
  await expectStored(CUT_OFF)

  await tellNow(CUT_OFF + 2)
  await waitUntil('the next day', PATIENCE_MS, async () => following.made().length > 1)
  await following.stop()
  expect(following.made().at(-1)).toMatchObject({ revision: 3, cutOff: formatDay(CUT_OFF + 1) })
  await expectStored(CUT_OFF + 1)
})

const ofParts = (series: string) =>
  ['country/North', 'country/South', 'category/desk', 'category/kitchen', 'product/pen', 'product/pot'].map(
    (part) => `${series}/${part}`,
  )

it('leaves out a series that cannot be forecast, and says so', async () => {
  const complaints: object[] = []
  const logger: Logger = { ...silentLogger, warn: (_, fields) => void complaints.push(fields ?? {}) }
  const registry = new Registry()
  const threads = createTaskPool<ForecastTask, SeriesForecast[]>({
    name: 'poisoned',
    part: 'processors/forecast/forecast.worker.ts',
    threads: 1,
  })
  const poisoned = ({ series, ...rest }: ForecastTask): ForecastTask => ({
    ...rest,
    series: series.map((one) => (one.id === 'orders' ? { ...one, firstDay: 'poison' } : one)),
  })
  const pool = { ...threads, run: (task: ForecastTask) => threads.run(poisoned(task)) }
  await tellNow(CUT_OFF + 3)
  const following = follow({ logger, registry, pool })
  await waitUntil('a forecast', PATIENCE_MS, async () => following.made().length > 0)
  await following.stop()
  expect(following.made()).toMatchObject([{ revision: 4, series: 2 * SERIES - 2, failed: 2 }])
  expect(complaints).toMatchObject([
    { tenant: 'acme', series: 'orders', step: 'day', why: expect.stringContaining('poison') },
    { tenant: 'acme', series: 'orders', step: 'week', why: expect.stringContaining('poison') },
  ])
  expect(await registry.getSingleMetricAsString('revwall_forecast_series_total')).toContain(
    '{outcome="failed"} 2',
  )
  const names = await readForecastNames(test.warehouse, { ...SCOPE, step: 'day' })
  const left = ['revenue', 'ticket', ...['orders', 'revenue', 'ticket'].flatMap(ofParts)]
  expect(names.map(idOf).sort()).toEqual(left.sort())
  // The last one that could be made stays.
  expect((await stored({ ...ALL, series: 'orders' })).model.cutOff).toBe(formatDay(CUT_OFF + 1))
})

it('knows the holidays of the country and the promotions that people marked, and forecasts anew with another', async () => {
  const tasks: ForecastTask[] = []
  const pool = {
    run: async (task: ForecastTask) => {
      tasks.push(task)
      return runForecastTask(task)
    },
    close: async () => {},
  }
  const following = follow({ holidays: createHolidayBook(silentLogger), pool })
  await waitUntil('a forecast with holidays', PATIENCE_MS, async () => following.made().length > 0)
  const { holidays, series } = tasks.at(-1)!
  expect(holidays).toMatchObject({ '2024-02-13': 'Carnival', '2024-03-29': 'Good Friday' })
  expect(
    Object.keys(holidays!).every((day) => day >= '2024-01-01' && day <= formatDay(CUT_OFF + 3 + 56)),
  ).toBe(true)
  expect(series[0]!.promotions).toEqual({})

  const promotion = (id: string, at: string, until: string | null) => ({
    ...{ tenant: 'acme', id, kind: 'promotion', at, until, text: id, by: 'ana', removed: false },
  })
  const rows = [
    promotion('spring', '2024-03-02T02:59:00Z', '2024-03-04T03:00:00Z'),
    promotion('ahead', noonOf(CUT_OFF + 20), null),
    { ...promotion('a deploy', noonOf(CUT_OFF + 21), null), kind: 'deploy' },
  ]
  await insertRows(test.warehouse, `${DATABASE}.annotations`, rows, 'promotions')
  await waitUntil('another forecast', PATIENCE_MS, async () => following.made().length > 1)
  await following.stop()
  expect(tasks.at(-1)!.series[0]!.promotions).toEqual({
    ...{ '2024-03-01': 'promotion', '2024-03-02': 'promotion', '2024-03-03': 'promotion' },
    [formatDay(CUT_OFF + 20)]: 'promotion',
  })
})

it('says that a forecast is there when all of it is, and makes the same revision after a crash', async () => {
  const before = await lastRevisions()
  let isDown = true
  const warehouse: Warehouse = {
    ...test.warehouse,
    insert: (sql, body, options) => {
      if (isDown && sql.includes('week_forecast_models'))
        throw new RevwallError('CLICKHOUSE_UNREACHABLE', 'away')
      return test.warehouse.insert(sql, body, options)
    },
  }
  await tellNow(CUT_OFF + 4)
  const cut = follow({ warehouse })
  await waitUntil(
    'points of the weeks',
    PATIENCE_MS,
    async () => (await lastRevisions()).weeks > before.weeks,
  )
  await waitUntil('points of the days', PATIENCE_MS, async () => (await lastRevisions()).days > before.days)
  expect(await lastRevisions()).toMatchObject({ models: before.models })
  isDown = false
  await waitUntil('the forecast', PATIENCE_MS, async () => cut.made().length > 0)
  await cut.stop()
  expect(cut.made()).toMatchObject([{ revision: before.models + 1, cutOff: formatDay(CUT_OFF + 3) }])
  expect(await lastRevisions()).toMatchObject({ models: before.models + 1, days: before.models + 1 })
})

it('has revenue alone of articles whose lines take too long to read, and says so', async () => {
  const complaints: object[] = []
  const logger: Logger = { ...silentLogger, warn: (_, fields) => void complaints.push(fields ?? {}) }
  const warehouse: Warehouse = {
    ...test.warehouse,
    query: async (sql, options) => {
      if (sql.includes('ARRAY JOIN line_sku')) throw new RevwallError('CLICKHOUSE_159', 'Timeout exceeded')
      return test.warehouse.query(sql, options)
    },
  }
  await tellNow(CUT_OFF + 5)
  const following = follow({ warehouse, logger })
  await waitUntil('a forecast', PATIENCE_MS, async () => following.made().length > 0)
  await following.stop()
  expect(complaints).toEqual([{ tenant: 'acme', dimension: 'product' }])
  const names = (await readForecastNames(test.warehouse, { ...SCOPE, step: 'day' })).map(idOf)
  expect(names.filter((id) => id.includes('/product/')).sort()).toEqual([
    'revenue/product/pen',
    'revenue/product/pot',
  ])
  expect(names.filter((id) => id.includes('/category/'))).toHaveLength(6)
})

/** The newest of each table; 0: there is none. */
async function lastRevisions(): Promise<{ days: number; weeks: number; models: number }> {
  const [row] = await test.warehouse.query<{ days: number; weeks: number; models: number }>(
    `SELECT (SELECT max(revision) FROM ${DATABASE}.forecasts) AS days,
       (SELECT max(revision) FROM ${DATABASE}.week_forecasts) AS weeks,
       (SELECT max(revision) FROM ${DATABASE}.forecast_models) AS models`,
  )
  return row!
}
