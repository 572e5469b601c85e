/** The pace that a wall and `/api/v1/pace` are told, out of rows as a processor stores them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { marks, type SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import { paceTile as paceSchema } from '../../core/contracts/pace.ts'
import { openWall, type TestWall, type WallOptions } from '../testing/open-wall.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'
import { usualBy } from './pace-tile.ts'

const DAY = '2011-11-17'
let api: TestApi
let offset = 0
const walls: TestWall[] = []
const others: TestApi[] = []

beforeAll(async () => {
  api = await startTestApi()
  await commit(api, '2011-11-17T10:30:00Z', [sale])
})
afterEach(async () => {
  await Promise.all(walls.splice(0).map((wall) => wall.close()))
  await Promise.all(others.splice(0).map((other) => other.stop()))
})
afterAll(() => api.stop())

const sale: SampleOrder = {
  ...{ tenant: 'acme', orderId: 'A1' },
  entries: [{ at: '2011-11-17T10:00:00Z', kind: 'sale', amount: '10' }],
}

async function commit(to: TestApi, upTo: string, rows: SampleOrder[] = []): Promise<void> {
  const progress = ['acme', 'zebra'].map((tenant) => ({ tenant, upTo, polledAt: new Date().toISOString() }))
  await to.insert([...rows, ...marks(4, { first: offset, last: offset + 9, progress, rows: rows.length })])
  offset += 10
}

/** A band that grows by the hour, and where the day ends. */
function band(series: string, revision: number, factor: number, tenant = 'acme') {
  return [0, 600, 660, 1_440].map((minute) => ({
    ...{ tenant, series, day: DAY, revision, minute, cutoff: '2011-11-16', former_days: 8 },
    ...{ value: minute * factor, low80: minute * factor * 0.8, high80: minute * factor * 1.2 },
    ...{
      low95: minute * factor * 0.7,
      high95: minute * factor * 1.3,
      model: 'm',
      at: new Date().toISOString(),
    },
  }))
}

const HOUR_MS = 3_600_000
function end(series: string, minute: number, value: number, agoMs = 0) {
  return {
    ...{ tenant: 'acme', series, day: DAY, minute, so_far: 10, place: 'above', revision: 2 },
    ...{ value, low80: value - 5, high80: value + 5, low95: value - 9, high95: value + 9 },
    ...{ cutoff: '2011-11-16', model: 'm', at: new Date(Date.now() - agoMs).toISOString() },
  }
}

const store = (table: string, rows: object[], to = api) =>
  insertRows(to.db.warehouse, `${DATABASE}.${table}`, rows, `${table}:${Math.random()}`)

async function wallOf(options: WallOptions = {}, to = api): Promise<TestWall> {
  const wall = await openWall(to.url, options)
  walls.push(wall)
  await wall.until(({ tiles }) => tiles.pace !== undefined && tiles.hero?.elapsedMinutes !== undefined)
  return wall
}

async function get(path: string) {
  const { statusCode, body } = await api.app.inject(path)
  expect([path, statusCode]).toEqual([path, 200])
  return JSON.parse(body)
}

describe('a wall', () => {
  test('is told why there is no pace', async () => {
    const wall = await wallOf()
    await wall.until(({ tiles }) => tiles.pace?.elapsedMinutes === 630)
    const absence = { reason: 'history', completeDays: 0, neededDays: 14 }
    expect(wall.tiles.pace).toEqual({
      ...{ day: DAY, elapsedMinutes: 630, absence, revenue: null, orders: null },
    })
    const off = await startTestApi({ analytics: false })
    others.push(off)
    await commit(off, '2011-11-17T10:30:00Z', [sale])
    // What was stored before it was switched off is not shown either.
    await store('pace_bands', band('revenue', 1, 1), off)
    const silent = await wallOf({}, off)
    await silent.until(({ tiles }) => tiles.pace?.day === DAY)
    expect(silent.tiles.pace).toMatchObject({ absence: { reason: 'off' }, revenue: null })
  })

  test('gets what is usual by now, between two quarters, and the newest word of where the day ends', async () => {
    await store('pace_bands', [...band('revenue', 1, 99), ...band('orders', 1, 0.1)])
    await store('pace_bands', [...band('revenue', 2, 10.02), ...band('revenue', 3, 7, 'zebra')])
    await store('nowcasts', [
      ...[end('revenue', 615, 15_000), end('revenue', 629, 16_000), end('orders', 629, 140)],
      // Of a pass before, of which the day had gone on; and of who has gone since.
      ...[end('revenue', 700, 99_999), end('orders', 630, 999, HOUR_MS)],
    ])
    const wall = await wallOf()
    await wall.until(
      ({ tiles: { pace } }) => pace?.revenue?.end != null && pace.orders?.place != null,
      10_000,
    )
    const { pace } = wall.tiles
    expect(pace).toMatchObject({ day: DAY, elapsedMinutes: 630, absence: null })
    expect(pace!.revenue!.byNow).toEqual({ value: '6312.60', low80: '5050.08', high80: '7575.12' })
    expect(pace!.revenue!.end).toEqual({
      ...{ value: '16000.00', low80: '15995.00', high80: '16005.00', place: 'above' },
    })
    expect(pace!.revenue!.band).toEqual({
      stepMinutes: 15,
      value: ['0.00', '6012.00', '6613.20', '14428.80'],
      low80: ['0.00', '4809.60', '5290.56', '11543.04'],
      high80: ['0.00', '7214.40', '7935.84', '17314.56'],
    })
    expect(pace!.orders).toEqual({ byNow: { value: 63, low80: 50, high80: 76 }, place: 'above' })
    expect(paceSchema.safeParse(pace).success).toBe(true)

    // Minutes go on without anything new, and nothing else does.
    const before = wall.frames.length
    await commit(api, '2011-11-17T10:31:00Z')
    await wall.until(({ tiles }) => tiles.pace?.elapsedMinutes === 631)
    expect(wall.tiles.pace!.orders!.byNow.value).toBe(63.1)
    const sent = wall.frames.slice(before).flatMap((frame) => (frame.type === 'update' ? [frame.set] : []))
    expect(sent.filter(({ pace }) => pace !== undefined)).toHaveLength(1)
    // Never with the number that people watch.
    expect(sent.filter(({ pace, hero }) => pace !== undefined && hero !== undefined)).toEqual([])
    // By day of sale nothing is said, rather than something wrong.
    wall.send({ type: 'watch', axis: 'sale' })
    await wall.until(({ tiles }) => tiles.pace?.absence?.reason === 'axis')
    expect(wall.tiles.pace).toMatchObject({ revenue: null, orders: null })
  })

  test('shows nothing of yesterday on a new day', async () => {
    const wall = await wallOf()
    await wall.until(({ tiles }) => tiles.pace?.revenue != null)
    await commit(api, '2011-11-18T00:01:00Z')
    await wall.until(({ tiles }) => tiles.hero?.day === '2011-11-18')
    expect(wall.tiles.pace).toMatchObject({ day: '2011-11-18', elapsedMinutes: 1, revenue: null })
    await commit(api, '2011-11-17T10:31:00Z')
    await wall.until(({ tiles }) => tiles.pace?.day === DAY && tiles.pace.revenue !== null)
  })
})

test('the route has the same with both intervals, and says of what', async () => {
  const body = await get('/api/v1/pace')
  expect(body).toMatchObject({
    tenant: 'acme',
    currency: 'GBP',
    day: DAY,
    elapsedMinutes: 631,
    absence: null,
  })
  expect(body.series).toMatchObject([
    {
      ...{ series: 'revenue', unit: 'GBP', cutOff: '2011-11-16', revision: 2, formerDays: 8, model: 'm' },
      byNow: { value: '6322.62', low95: '4425.83' },
      end: { value: '16000', minute: 629, soFar: '10', place: 'above', low95: '15991' },
    },
    { series: 'orders', unit: 'orders', revision: 1, end: { value: '140' } },
  ])
  expect(body.series[0].band).toHaveLength(4)
  expect(await get('/api/v1/pace?tenant=zebra')).toMatchObject({
    ...{ tenant: 'zebra', currency: 'BRL' },
    series: [{ series: 'revenue', revision: 3, end: null }],
  })
})

test('what is usual lies on the line between two quarters, and stays within the day', () => {
  const at = (minute: number, value: string) => ({
    ...{ minute, value, low80: value, high80: value, low95: value, high95: value },
  })
  const points = [at(0, '0'), at(15, '30'), at(30, '-30')]
  expect([0, 5, 15, 20, 30, 31].map((minutes) => usualBy({ points }, minutes).value)).toEqual([
    ...[0, 10, 30, 10, -30, -30],
  ])
})
