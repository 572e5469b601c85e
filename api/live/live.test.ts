import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { marks, type SampleOrder } from '../../clickhouse/queries/testing/insert-changes.ts'
import { openWall, type TestWall, type WallOptions } from '../testing/open-wall.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
const walls: TestWall[] = []
beforeAll(async () => {
  api = await startTestApi()
  await commit([sale('acme', 'A1', '10.25'), sale('zebra', 'Z1', '777.7')], { upTo: '2011-11-17T10:30:00Z' })
})
afterEach(async () => {
  await Promise.all(walls.splice(0).map((wall) => wall.close()))
})
afterAll(() => api.stop())

const DAY = '2011-11-17'
let offset = 0

function sale(tenant: string, orderId: string, amount: string): SampleOrder {
  const entries = [{ at: `${DAY}T10:00:00Z`, kind: 'sale' as const, amount }]
  const own = tenant === 'acme' ? { currency: 'GBP' } : { currency: 'BRL', zone: 'America/Sao_Paulo' }
  return { tenant, orderId, entries, country: tenant === 'acme' ? 'Norway' : 'Brazil', ...own }
}

type Commit = { upTo?: string; notice?: boolean; progress?: object }

/** Writes a batch with marks in all partitions, and gives notice of it. */
async function commit(
  rows: SampleOrder[],
  { upTo, notice = true, progress = {} }: Commit = {},
): Promise<void> {
  const told = (tenant: string) => ({
    tenant,
    upTo: upTo ?? lastUpTo,
    polledAt: new Date().toISOString(),
    speed: 60,
    pass: 1,
    ...progress,
  })
  lastUpTo = upTo ?? lastUpTo
  const first = offset
  offset += 10
  await api.insert([
    ...rows,
    ...marks(4, { first, last: offset - 1, progress: ['acme', 'zebra'].map(told), rows: rows.length }),
  ])
  if (!notice) return
  const tenants = [...new Set(rows.map(({ tenant }) => tenant))]
  for (let partition = 0; partition < 4; partition++)
    await api.notice({
      partition,
      first,
      last: offset - 1,
      touched: tenants.map((tenant) => ({ tenant, days: [DAY] })),
    })
}
let lastUpTo = ''

async function wallOf(options: WallOptions = {}): Promise<TestWall> {
  const wall = await openWall(api.url, options)
  walls.push(wall)
  return wall
}

const updatesOf = (wall: TestWall, from: number) =>
  wall.frames.slice(from).flatMap((frame) => (frame.type === 'update' ? [frame] : []))
const revenueOf = (wall: TestWall) => wall.tiles.hero?.today.revenue
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

describe('a wall', () => {
  test('gets a snapshot of all tiles, then what differs, and nothing when nothing differs', async () => {
    const wall = await wallOf()
    await wall.until(() => revenueOf(wall) === '10.25')
    expect(wall.frames[0]).toMatchObject({ type: 'snapshot' })
    // A snapshot that is asked for before the hub has seen the batch still has the wall clock.
    const told = wall.frames.findLast((frame) => frame.type === 'snapshot' || frame.type === 'update')
    expect(told).toMatchObject({ eventTime: '2011-11-17T10:30:00.000Z' })
    expect(Object.keys(wall.tiles).sort()).toEqual(
      [
        'chart',
        'countries',
        'exactness',
        'health',
        'hero',
        'history',
        'latest',
        'notes',
        'pace',
        'products',
        'sources',
        'tenant',
      ].sort(),
    )
    expect(wall.tiles.tenant).toMatchObject({ mode: 'replay', speed: 60, pass: 1 })
    expect(wall.tiles.hero).toMatchObject({ day: DAY, elapsedMinutes: 630, yesterday: null })
    // Lists have a beat of their own; and of a quiet source the age changes no word.
    await wall.until(() => wall.tiles.countries?.length === 1 && wall.tiles.chart?.today.at(-1) === '10.25')
    await wall.until(() => wall.tiles.sources?.[0]?.freshness === 'quiet')
    const before = wall.frames.length
    await pause(2_300)
    expect(wall.frames.slice(before).filter(({ type }) => type !== 'heartbeat')).toEqual([])

    await commit([sale('acme', 'A2', '1')])
    await wall.until(() => revenueOf(wall) === '11.25')
    const sent = () => [...new Set(updatesOf(wall, before).flatMap(({ set }) => Object.keys(set)))].sort()
    // Lists and completeness have beats of their own.
    await wall.until(() => ['chart', 'sources', 'countries', 'latest'].every((name) => sent().includes(name)))
    expect(sent()).toEqual(['chart', 'countries', 'hero', 'latest', 'sources'])
    // The number that people watch does not wait for the rows around it.
    const first = updatesOf(wall, before).find(({ set }) => set.hero)!
    expect(Object.keys(first.set)).not.toContain('countries')
  })

  test('follows the tenant’s now, though no order comes', async () => {
    const wall = await wallOf()
    await wall.until(() => wall.tiles.hero?.elapsedMinutes === 630)
    await commit([], { upTo: '2011-11-17T10:36:00Z', notice: false })
    await wall.until(() => wall.tiles.hero?.elapsedMinutes === 636)
    await wall.until(() => wall.tiles.chart?.today.length === 128)
  })

  test('sees a batch within about a second when its notice is lost', async () => {
    const wall = await wallOf()
    await wall.until(() => revenueOf(wall) !== undefined)
    await commit([sale('acme', 'A3', '2')], { notice: false })
    await wall.until(() => revenueOf(wall) === '13.25', 15_000)
  })

  test('changes its axis on one connection', async () => {
    const wall = await wallOf()
    await wall.until(() => wall.tiles.hero?.axis === 'booked')
    wall.send({ type: 'watch', axis: 'sale' })
    await wall.until(() => wall.tiles.hero?.axis === 'sale')
    expect(wall.frames.filter(({ type }) => type === 'snapshot')).toHaveLength(2)
    await commit([sale('acme', 'A4', '1')])
    await wall.until(() => revenueOf(wall) === '14.25')
  })

  test('takes a new snapshot when it asks for one', async () => {
    const wall = await wallOf()
    await wall.until(() => wall.frames.length > 0)
    wall.send({ type: 'resync', reason: 'a gap' })
    await wall.until(() => wall.frames.filter(({ type }) => type === 'snapshot').length === 2)
  })

  test('has a heartbeat with the watermark of each tile', async () => {
    const wall = await wallOf()
    await wall.until(() => wall.frames.some(({ type }) => type === 'heartbeat'), 7_000)
    const beat = wall.frames.find(({ type }) => type === 'heartbeat')
    expect(beat).toMatchObject({ watermarks: { hero: '2011-11-17T10:36:00.000Z', exactness: null } })
  })

  test('shows what sources say of themselves', async () => {
    const wall = await wallOf()
    await wall.until(() => wall.tiles.sources?.[0]?.freshness === 'quiet')
    await api.tellHealth({
      state: 'loading',
      loaded: 30,
      total: 100,
      perSecond: 10,
      secondsLeft: 7,
      message: 'history',
    })
    await wall.until(() => wall.tiles.history?.loaded === 30)
    await api.tellHealth({ state: 'ended', message: 'the file is at its end' })
    await wall.until(() => wall.tiles.history === null)
    expect(wall.tiles.sources).toMatchObject([
      { source: 'shop', freshness: 'ended', message: 'the file is at its end' },
    ])
    await api.tellHealth({ state: 'running' })
    await wall.until(() => wall.tiles.sources?.[0]?.freshness === 'quiet')
  })
})

test('two tenants never see each other', async () => {
  const acme = await wallOf()
  const zebra = await wallOf({ tenant: 'zebra' })
  await zebra.until(() => revenueOf(zebra) === '777.7')
  await commit([sale('zebra', 'Z2', '0.3'), sale('acme', 'A5', '1')])
  await zebra.until(() => revenueOf(zebra) === '778')
  await acme.until(() => revenueOf(acme) === '15.25')
  expect(JSON.stringify(acme.frames)).not.toMatch(/zebra|777\.7|778|BRL|"Z1"|"Z2"|Brazil/)
  expect(JSON.stringify(zebra.frames)).not.toMatch(/acme|10\.25|15\.25|GBP|"A1"|"A5"|Norway/)
})

test('many batches in a row make few frames, the last of which is right', async () => {
  const [one, two] = [await wallOf(), await wallOf()]
  await one.until(() => revenueOf(one) === '15.25')
  await two.until(() => revenueOf(two) === '15.25')
  const before = one.frames.length
  const start = Date.now()
  const commits = Array.from({ length: 20 }, (_, i) => commit([sale('acme', `H${i}`, '1')]))
  for (let i = 0; i < 50; i++) {
    await api.notice({ touched: [{ tenant: 'acme', days: [DAY] }] })
    await pause(10)
  }
  await Promise.all(commits)
  await one.until(() => revenueOf(one) === '35.25')
  await two.until(() => revenueOf(two) === '35.25')
  const frames = updatesOf(one, before)
  // One in 100 ms with the hero, and one in 500 with what stands around it.
  expect(frames.length).toBeLessThanOrEqual((Date.now() - start) / 100 + (Date.now() - start) / 500 + 3)
  console.log(`hold-off: 20 batches and 130 notices in ${Date.now() - start} ms made ${frames.length} frames`)
})

test('a server that is killed leaves the values standing, and all goes on when it is back', async () => {
  const wall = await wallOf()
  await wall.until(() => revenueOf(wall) === '35.25' && wall.tiles.chart?.today.at(-1) === '35.25')
  const before = wall.frames.length
  api.db.engine.kill()
  await wall.until(() => wall.tiles.health?.warehouse === 'restarting')
  expect(revenueOf(wall)).toBe('35.25')
  const told = wall.frames.slice(before).find((frame) => frame.type === 'update' && frame.set.health)
  // Completeness may be on its way just then; numbers are not read without a server.
  const names = told?.type === 'update' ? Object.keys(told.set) : []
  expect(names.filter((name) => name !== 'sources')).toEqual(['health'])
  await wall.until(() => wall.tiles.health?.warehouse === 'up', 10_000)
  await commit([sale('acme', 'K1', '1')])
  await wall.until(() => revenueOf(wall) === '36.25')
})

describe('a client that does not keep to the protocol', () => {
  test.each([
    ['no JSON', '{'],
    ['another message', { type: 'hello' }],
    ['another axis', { type: 'watch', axis: 'paid' }],
    ['a resync before it watches', { type: 'resync', reason: 'x' }],
    ['bytes', Buffer.from([1, 2, 3])],
  ])('is told and closed: %s', async (_what, message) => {
    const wall = await wallOf({ watch: false })
    if (Buffer.isBuffer(message)) wall.socket.send(message)
    else wall.send(message)
    expect((await wall.closed).code).toBe(1008)
    expect(wall.frames).toMatchObject([{ type: 'goodbye' }])
  })

  test('is closed when it talks too much, or too long', async () => {
    const talker = await wallOf()
    for (let i = 0; i < 60; i++) talker.send({ type: 'resync', reason: 'again' })
    expect((await talker.closed).code).toBe(1008)
    const shouter = await wallOf()
    shouter.send({ type: 'resync', reason: 'x'.repeat(17_000) })
    expect((await shouter.closed).code).toBe(1009)
  })

  test.each([
    ['another origin', { headers: { origin: 'https://evil.example' } }],
    ['another host', { headers: { host: 'evil.example' } }],
    ['an unknown tenant', { tenant: 'nobody' }],
  ])('does not come in: %s', async (_what, options) => {
    await expect(openWall(api.url, options)).rejects.toThrow('403')
  })

  test('leaves the server as it was', async () => {
    const wall = await wallOf()
    await wall.until(() => revenueOf(wall) === '36.25')
    expect(await api.registry.getSingleMetricAsString('revwall_live_clients')).toMatch(
      /revwall_live_clients 1$/m,
    )
  })
})
