import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { readNowcasts, readPaceBands } from '../../clickhouse/queries/read-pace.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { formatDay, instantOfLocal, parseDay, startOfLocalDay } from '../../core/runtime/local-time.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { openPipeline, type Pipeline } from '../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { OWN_HOLIDAYS } from '../holiday-book.ts'
import { seriesPace } from './day-pace.ts'
import { followForecasts } from './follow-forecasts.ts'
import { followPace } from './follow-pace.ts'
import { decimalOf } from './forecast-rows.ts'

const DATABASE = 'revwall_pace'
const ZONE = 'Europe/London'
const TENANT = { id: 'acme', name: 'Acme', timeZone: ZONE, currency: 'GBP' }
const SCOPE = { database: DATABASE, tenant: 'acme' }
/** Seven weeks before the clock goes forward on a Sunday, and the thirty up to the one on which it goes back. */
const FIRST_DAY = parseDay('2025-02-09')
const SHORT_DAY = parseDay('2025-03-30')
const LONG_DAY = parseDay('2025-10-26')
const OPEN_AT = 9
const HOURS = 8
const PATIENCE_MS = 60_000
const HOUR_MS = 3_600_000

const following: { stop(): Promise<void> }[] = []
let test: TestEngine
let pipeline: Pipeline

beforeAll(async () => {
  test = await startTestEngine()
  pipeline = await openPipeline({
    ...{ warehouse: test.warehouse, database: DATABASE, tenants: [TENANT], maxRecords: 5_000 },
  })
})
afterEach(() => Promise.all(following.splice(0).map((one) => one.stop())))
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

/** One an hour from nine to five by the clock; more on some days of the week than on others. */
function ordersOf(day: number, hours = HOURS): OrderEventInput[] {
  return Array.from({ length: hours }, (_, hour) => {
    const placedAt = new Date(
      instantOfLocal(day * 24 * HOUR_MS + (OPEN_AT + hour) * HOUR_MS, ZONE),
    ).toISOString()
    return {
      ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', version: 1, status: 'completed' },
      ...{ orderId: `o-${day}-${hour}`, placedAt, changedAt: placedAt, currency: 'GBP', lines: [] },
      total: `${100 + 10 * (day % 7) + ((day * 31 + hour * 17) % 40)}.25`,
    } as OrderEventInput
  })
}

async function tell(orders: readonly OrderEventInput[]): Promise<void> {
  const records = orders.map((event) => {
    const key = orderKey(event)
    return { partition: partitionOf(key, 2), key, ...encodeOrdersEvent(event) }
  })
  await pipeline.log.append('orders', records)
  expect(await pipeline.settle()).toEqual([])
}

async function tellNow(nowMs: number): Promise<void> {
  const head = { type: 'source.progress', schemaVersion: 1, tenant: 'acme', source: 'shop', mode: 'replay' }
  const times = { upTo: new Date(nowMs).toISOString(), polledAt: new Date().toISOString(), speed: 1 }
  const value = Buffer.from(JSON.stringify({ ...head, ...times }))
  const contentType = 'application/json' as const
  await pipeline.log.append(
    'orders',
    [0, 1].map((partition) => ({ partition, key: 'acme/shop', value, contentType })),
  )
  expect(await pipeline.settle()).toEqual([])
}

const days = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
const localMs = (day: number, hour: number) => instantOfLocal(day * 24 * HOUR_MS + hour * HOUR_MS, ZONE)

/** Runs one until it is stopped; `looks` counts what it has seen. */
function begin(work: (signal: AbortSignal, onLook: () => void) => Promise<void>) {
  const stopping = new AbortController()
  let looks = 0
  const done = work(stopping.signal, () => {
    looks += 1
  })
  const one = {
    looks: () => looks,
    stop: async () => {
      stopping.abort()
      await done
    },
  }
  following.push(one)
  return one
}

const PORTS = () => ({
  ...{ warehouse: test.warehouse, database: DATABASE, run: 'r1', log: pipeline.log },
  ...{ tenants: new Map([[TENANT.id, TENANT]]), clock: systemClock, logger: silentLogger },
})
const pace = () =>
  begin((signal, onLook) =>
    followPace({ ...PORTS(), signal, limits: { lookIntervalMs: 50, againAfterMs: 600_000 }, onLook }),
  )
const forecasts = () =>
  begin((signal, onLook) =>
    followForecasts({
      ...{ ...PORTS(), holidays: OWN_HOLIDAYS, signal, onLook, registry: new Registry() },
      limits: { lookIntervalMs: 50, checkIntervalMs: 50, minIntervalMs: 0, unsettledIntervalMs: 600_000 },
    }),
  )

const bandsOf = (day: number) => readPaceBands(test.warehouse, { ...SCOPE, day: formatDay(day) })
const endsOf = (day: number) =>
  readNowcasts(test.warehouse, { ...SCOPE, day: formatDay(day), minutes: 1_500, sinceMs: 0 })

async function countRows(table: string): Promise<number> {
  const [row] = await test.warehouse.query<{ n: string }>(`SELECT count() AS n FROM ${DATABASE}.${table}`)
  return Number(row!.n)
}

/** The tenant's now is read every five seconds. */
async function waitForBands(day: number): Promise<Awaited<ReturnType<typeof bandsOf>>> {
  await waitUntil('a pace', PATIENCE_MS, async () => (await endsOf(day)).length === 2)
  return bandsOf(day)
}

/** What the pure functions make of the days in the base table, by hours of the clock. */
async function paceOfBase(series: 'revenue' | 'orders', day: number, formerDays: readonly number[]) {
  const rows = await test.warehouse.query<{ day: string; at: string; revenue: string; orders: string }>(
    `SELECT toString(booked) AS day, toString(toUnixTimestamp(moment)) AS at, sum(sign * amount) AS revenue,
       sum(sign * number) AS orders
     FROM ${DATABASE}.order_changes
     ARRAY JOIN booked_day AS booked, booked_at AS moment, booked_amount AS amount, booked_orders AS number
     WHERE sign != 0 GROUP BY day, at`,
  )
  const former = formerDays.map((each) => {
    const startMs = startOfLocalDay(each, ZONE)
    const quarters = new Float64Array((startOfLocalDay(each + 1, ZONE) - startMs) / 900_000)
    for (const row of rows.filter((one) => one.day === formatDay(each)))
      quarters[Math.floor((Number(row.at) * 1_000 - startMs) / 900_000)]! += Number(row[series])
    return quarters
  })
  const [forecast] = await test.warehouse.query<{ value: string; high80: string }>(
    `SELECT value, high80 FROM ${DATABASE}.forecasts FINAL WHERE series = '${series}' AND dimension = 'all'
       AND day = '${formatDay(day)}' ORDER BY revision DESC LIMIT 1`,
  )
  return seriesPace(
    series,
    { point: Number(forecast!.value), high80: Number(forecast!.high80) },
    former.filter((quarters) => quarters.length > 0),
  )!
}

/** From one it is two. */
const clockOfShortDay = (minute: number) => (minute < 60 ? minute : minute + 60) / 1_440

it('says nothing with less history than a forecast needs', async () => {
  await tell(days(FIRST_DAY, FIRST_DAY + 10).flatMap((day) => ordersOf(day)))
  await tellNow(localMs(FIRST_DAY + 10, 12))
  const both = [forecasts(), pace()]
  await waitUntil('looks', PATIENCE_MS, async () => both.every((one) => one.looks() > 5))
  expect([await countRows('pace_bands'), await countRows('nowcasts')]).toEqual([0, 0])
})

it('stores what the pure functions make of a day of 23 hours, once, whoever leads', async () => {
  await tell(days(FIRST_DAY + 10, SHORT_DAY).flatMap((day) => ordersOf(day)))
  await tell(ordersOf(SHORT_DAY, 4))
  // Twelve by the clock: eleven hours of the day have passed.
  await tellNow(localMs(SHORT_DAY, 12))
  const forecasting = forecasts()
  const both = [pace(), pace()]
  const bands = await waitForBands(SHORT_DAY)
  await forecasting.stop()
  expect(bands.map(({ series }) => series)).toEqual(['revenue', 'orders'])
  const former = [1, 2, 3, 4, 5, 6, 7].map((week) => SHORT_DAY - 7 * week)
  for (const { series, points, formerDays, cutOff } of bands) {
    expect({ formerDays, cutOff }).toEqual({ formerDays: 7, cutOff: '2025-03-29' })
    expect(points.map(({ minute }) => minute)).toEqual(Array.from({ length: 93 }, (_, i) => 15 * i))
    const expected = await paceOfBase(series, SHORT_DAY, former)
    for (const { minute, value, low80, high95 } of points) {
      const { point, lo80, hi95 } = expected.usualBy(clockOfShortDay(minute))
      expect([value, low80, high95].map(Number), `${series} by ${minute}`).toEqual(
        [point, lo80, hi95].map((bound) => Number(decimalOf(bound))),
      )
    }
  }
  const told = await endsOf(SHORT_DAY)
  for (const { series, minute, soFar, value, place } of told) {
    expect({ minute, place }).toEqual({ minute: 660, place: 'within' })
    const expected = (await paceOfBase(series, SHORT_DAY, former)).endOf(Number(soFar), 0.5)
    expect(Number(value)).toBe(Number(decimalOf(expected.end.point)))
  }
  expect(Object.fromEntries(told.map(({ series, soFar }) => [series, Number(soFar)]))).toEqual({
    revenue: ordersOf(SHORT_DAY, 4).reduce((sum, { total }) => sum + Number(total), 0),
    orders: 4,
  })

  // Nothing came since: the same is not told again; and who takes over finds the band.
  const [leader, other] = both[0]!.looks() > 0 ? both : both.reverse()
  const rows = await countRows('pace_bands')
  const seen = leader!.looks()
  await waitUntil('looks', PATIENCE_MS, async () => leader!.looks() > seen + 5)
  expect(await countRows('pace_bands')).toBe(rows)
  expect(rows).toBe(2 * 93)
  expect(other!.looks()).toBe(0)
  await leader!.stop()
  await waitUntil('the other', PATIENCE_MS, async () => other!.looks() > 3)
  expect(await countRows('pace_bands')).toBe(rows)
  // What comes moves the end, on the row of its minute.
  await tell(ordersOf(SHORT_DAY, 8).slice(4))
  await waitUntil('another end', PATIENCE_MS, async () =>
    (await endsOf(SHORT_DAY)).every(({ series, soFar }) => series !== 'orders' || Number(soFar) === 8),
  )
  expect((await endsOf(SHORT_DAY)).find(({ series }) => series === 'revenue')!.minute).toBe(660)
})

it('goes by the forecast of the day before until there is a newer one, and by no older one', async () => {
  await tellNow(localMs(SHORT_DAY + 1, 0) + 60_000)
  const following = pace()
  const bands = await waitForBands(SHORT_DAY + 1)
  expect(bands.map(({ cutOff, revision }) => [cutOff, revision])).toEqual([
    ['2025-03-29', 1],
    ['2025-03-29', 1],
  ])
  expect((await endsOf(SHORT_DAY + 1))[0]!.minute).toBe(1)
  await tell(ordersOf(SHORT_DAY + 1))
  await tellNow(localMs(SHORT_DAY + 2, 12))
  const seen = following.looks()
  await waitUntil('looks', PATIENCE_MS, async () => following.looks() > seen + 150)
  expect(await bandsOf(SHORT_DAY + 2)).toEqual([])
  expect(await endsOf(SHORT_DAY + 2)).toEqual([])
  // Now it is made, and wins.
  forecasts()
  const [newer] = await waitForBands(SHORT_DAY + 2)
  expect(newer).toMatchObject({ cutOff: '2025-03-31', revision: 2 })
})

it('knows a day of 25 hours', async () => {
  await tell(days(SHORT_DAY + 2, LONG_DAY).flatMap((day) => ordersOf(day)))
  await tell(ordersOf(LONG_DAY, 4))
  await tellNow(localMs(LONG_DAY, 12))
  forecasts()
  pace()
  const bands = await waitForBands(LONG_DAY)
  const former = [1, 2, 3, 4, 5, 6, 7, 8].map((week) => LONG_DAY - 7 * week)
  for (const { series, points, formerDays } of bands) {
    expect(formerDays).toBe(8)
    expect(points.at(-1)!.minute).toBe(1_500)
    const { point } = (await paceOfBase(series, LONG_DAY, former)).usualBy(1)
    expect(Number(points.at(-1)!.value)).toBe(Number(decimalOf(point)))
  }
  expect((await endsOf(LONG_DAY)).map(({ minute }) => minute)).toEqual([780, 780])
})
