/** Walls that were away for a while, on a real hub: what they get when they are back is what all others have. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { checksumOf } from '../../core/contracts/checksum.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { openWall, resumeOf, type TestWall, type WallOptions } from '../testing/open-wall.ts'
import { startTestApi, type TestApi } from '../testing/start-api.ts'
import { RING_MS } from './resume-ring.ts'

const DAY = '2011-11-17'
const walls: TestWall[] = []
let api: TestApi
let skewMs = 0
let offset = 0
beforeAll(async () => {
  api = await startTestApi({ clock: { ...systemClock, now: () => Date.now() + skewMs } })
  await commit('1.25')
})
afterEach(async () => {
  await Promise.all(walls.splice(0).map((wall) => wall.close()))
})
afterAll(() => api.stop())

async function commit(amount: string): Promise<void> {
  const first = offset
  offset += 10
  const entries = [{ at: `${DAY}T10:00:00Z`, kind: 'sale' as const, amount }]
  const told = { tenant: 'acme', upTo: `${DAY}T10:30:00Z`, polledAt: new Date().toISOString() }
  await api.insert([
    { tenant: 'acme', orderId: `O${first}`, entries },
    ...marks(4, { first, last: offset - 1, progress: [told], rows: 1 }),
  ])
  for (let partition = 0; partition < 4; partition++)
    await api.notice({ partition, first, last: offset - 1, touched: [{ tenant: 'acme', days: [DAY] }] })
}

async function wallOf(options: WallOptions = {}): Promise<TestWall> {
  const wall = await openWall(api.url, options)
  walls.push(wall)
  return wall
}

const revenueOf = (wall: TestWall) => wall.tiles.hero?.today.revenue
/** The frames with state that came after the `from` first. */
const newsOf = (wall: TestWall, from: number) =>
  wall.frames.slice(from).filter(({ type }) => type === 'snapshot' || type === 'update')

async function counted(name: string): Promise<Record<string, number>> {
  const text = await api.registry.getSingleMetricAsString(`revwall_live_${name}_total`)
  return Object.fromEntries(
    [...text.matchAll(/\{reason="(\w+)"\} (\d+)/g)].map((found) => [found[1], Number(found[2])]),
  )
}

/** Both hold the same, by every tile. */
async function untilSame(one: TestWall, other: TestWall): Promise<void> {
  await one.until(() => checksumOf(one.tiles) === checksumOf(other.tiles))
}

test('a wall that was away for a moment gets one update, and then has what the others have', async () => {
  const stayed = await wallOf()
  const before = await wallOf()
  await before.until(() => revenueOf(before) === '1.25')
  await before.close()
  await commit('2')
  await commit('3')
  await stayed.until(() => revenueOf(stayed) === '6.25')
  const back = await wallOf({ resume: before })
  await back.until(() => newsOf(back, before.frames.length).length > 0)
  expect(newsOf(back, before.frames.length)[0]).toMatchObject({ type: 'update', prev: resumeOf(before)!.seq })
  expect(revenueOf(back)).toBe('6.25')
  await commit('1')
  await back.until(() => revenueOf(back) === '7.25')
  await untilSame(back, stayed)
  expect(await counted('resumes')).toEqual({ reconnect: 1 })
})

test('a wall that pauses is sent nothing, not even a heartbeat, and resumes on its connection', async () => {
  const stayed = await wallOf()
  const wall = await wallOf()
  await wall.until(() => revenueOf(wall) === '7.25')
  wall.send({ type: 'pause' })
  await new Promise((resolve) => setTimeout(resolve, 200))
  const silent = wall.frames.length
  await commit('1')
  await stayed.until(() => stayed.frames.some(({ type }) => type === 'heartbeat'), 7_000)
  await stayed.until(() => revenueOf(stayed) === '8.25')
  expect(wall.frames.length).toBe(silent)
  wall.send({ type: 'watch', axis: 'booked', resume: resumeOf(wall) })
  await wall.until(() => revenueOf(wall) === '8.25')
  expect(newsOf(wall, silent)[0]).toMatchObject({ type: 'update' })
  await untilSame(wall, stayed)
  expect(await counted('resumes')).toEqual({ reconnect: 1, return: 1 })
})

test('a wall of another hub, of another axis, or that was away for too long gets a snapshot', async () => {
  const stayed = await wallOf()
  const before = await wallOf()
  await before.until(() => revenueOf(before) === '8.25')
  await before.close()
  const counts = await counted('snapshots')
  const sale = await wallOf({ resume: before, axis: 'sale' })
  await sale.until(() => sale.tiles.hero?.axis === 'sale')
  await commit('1')
  await stayed.until(() => revenueOf(stayed) === '9.25')
  skewMs += RING_MS + 1_000
  // A frame of now, so that the one that was missed is not the newest.
  await commit('1')
  await stayed.until(() => revenueOf(stayed) === '10.25')
  const late = await wallOf({ resume: before })
  await late.until(() => revenueOf(late) === '10.25')
  for (const wall of [sale, late]) expect(newsOf(wall, before.frames.length)[0]?.type).toBe('snapshot')
  const { epoch = 0, gone = 0 } = await counted('snapshots')
  expect([epoch - (counts.epoch ?? 0), gone - (counts.gone ?? 0)]).toEqual([1, 1])
})

test('the checksum of a heartbeat is that of what the wall holds; reasons of doubt are counted', async () => {
  const wall = await wallOf()
  await wall.until(() => revenueOf(wall) === '10.25')
  await wall.until(() => wall.frames.some((frame) => frame.type === 'heartbeat' && frame.checksum), 12_000)
  const told = wall.frames.findLast((frame) => frame.type === 'heartbeat' && frame.checksum)!
  expect(told).toMatchObject({ seq: resumeOf(wall)!.seq, checksum: checksumOf(wall.tiles) })
  for (const reason of ['checksum', 'gap', 'has 7, got 9']) wall.send({ type: 'resync', reason })
  await wall.until(() => wall.frames.filter(({ type }) => type === 'snapshot').length === 4)
  expect(await counted('resyncs')).toEqual({ checksum: 1, gap: 1, other: 1 })
})
