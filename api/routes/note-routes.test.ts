/** Annotations and targets from the request to the log, into ClickHouse, and back in answers and on walls. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { insertRows } from '../../clickhouse/insert-rows.ts'
import { marks } from '../../clickhouse/queries/testing/insert-changes.ts'
import { noteEvent } from '../../core/contracts/notes.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { openWall } from '../testing/open-wall.ts'
import { DATABASE, startTestApi, type TestApi } from '../testing/start-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
  const sale = (at: string, amount: string) => [{ at, kind: 'sale' as const, amount }]
  await api.insert([
    { tenant: 'acme', orderId: 'A1', entries: sale('2011-11-17T10:00:00Z', '30') },
    { tenant: 'acme', orderId: 'A2', entries: sale('2011-11-14T10:00:00Z', '15.5') },
    { tenant: 'acme', orderId: 'A3', entries: sale('2011-11-13T10:00:00Z', '4') },
    { tenant: 'acme', orderId: 'A4', entries: sale('2011-10-31T10:00:00Z', '1000') },
    { tenant: 'acme', orderId: 'A5', entries: sale('2011-11-17T09:00:00Z', '9'), currency: 'EUR' },
    { tenant: 'zebra', orderId: 'X1', entries: sale('2011-11-17T10:00:00Z', '777'), currency: 'BRL' },
    ...marks(4, { first: 0, last: 9, progress: ['acme', 'zebra'].map((tenant) => ({ tenant, ...AT })) }),
  ])
  // The hub has looked at the marks by then.
  while ((await get('/api/v1/tenant')).body.mode !== 'replay')
    await new Promise((later) => setTimeout(later, 20))
})
afterAll(() => api.stop())

const AT = { upTo: '2011-11-17T12:00:00Z', polledAt: new Date().toISOString() }

async function get(path: string) {
  const response = await api.app.inject({ url: path })
  return { status: response.statusCode, body: response.json() }
}

async function post(path: string, payload: object) {
  const { host, origin } = new URL(api.url)
  const response = await api.app.inject({
    ...{ method: 'POST', url: `/api/v1/${path}`, payload, headers: { host, origin } },
  })
  return { status: response.statusCode, body: response.json() }
}

const readLog = async (): Promise<LogRecord[]> =>
  api.log.read('notes', 0, 0, { maxRecords: 1_000, maxBytes: 1e6 })

/** What a processor does with what is in the log. */
async function store(): Promise<void> {
  for (const { value, offset } of await readLog()) {
    const { type, schemaVersion: _, ...row } = noteEvent.parse(JSON.parse(Buffer.from(value).toString()))
    const named =
      'from' in row ? { ...row, from: undefined, from_day: row.from, currency: row.currency ?? '' } : row
    const rows = [{ ...named, removed: Number(row.removed), version: String(offset) }]
    await insertRows(api.db.warehouse, `${DATABASE}.${type}s`, rows, `store:${offset}:${Math.random()}`)
  }
}

describe('annotations', () => {
  test('are in the log when they are answered, by whom they came, and then in the range that they touch', async () => {
    const added = await post('annotations/add', {
      kind: 'deploy',
      at: '2011-11-17T11:00:00+01:00',
      text: ' v2 ',
    })
    expect(added.body).toEqual({
      tenant: 'acme',
      annotation: {
        ...{ id: expect.stringMatching(/^[\w-]{36}$/), kind: 'deploy', at: '2011-11-17T10:00:00.000Z' },
        ...{ until: null, text: 'v2', by: 'local' },
      },
    })
    expect((await readLog()).at(-1)!.key).toBe(`acme/annotation/${added.body.annotation.id}`)
    const sale = {
      kind: 'promotion',
      at: '2011-11-10T00:00:00Z',
      until: '2011-11-17T00:00:00Z',
      text: 'sale',
    }
    expect((await post('annotations/add', { id: 'sale', ...sale })).status).toBe(200)
    expect(
      (await post('annotations/add', { id: 'now', kind: 'other', text: 'now' })).body.annotation.at,
    ).toMatch(/^2011-11-17T12:00/)
    await store()
    const idsOf = async (range: string) =>
      (await get(`/api/v1/annotations?${range}`)).body.annotations.map(({ text }: { text: string }) => text)
    expect(await idsOf('')).toEqual(['v2', 'now'])
    expect(await idsOf('from=2011-11-16&to=2011-11-17')).toEqual(['sale', 'v2', 'now'])
    expect(await idsOf('from=2011-11-16')).toEqual(['sale'])
    expect(await idsOf('from=2011-11-16&to=2011-11-17&limit=1')).toEqual(['now'])
    expect(await idsOf('from=2011-11-09')).toEqual([])
    expect(await idsOf('tenant=zebra')).toEqual([])
  })

  test('are replaced by the same id, and gone when they are taken back', async () => {
    await post('annotations/add', { id: 'sale', kind: 'price', at: '2011-11-01T00:00:00Z', text: 'dearer' })
    await store()
    const { body } = await get('/api/v1/annotations?from=2011-11-01&to=2011-11-12')
    expect(body.annotations).toMatchObject([{ id: 'sale', kind: 'price', text: 'dearer', until: null }])
    expect((await post('annotations/remove', { id: 'sale' })).body).toEqual({ tenant: 'acme' })
    await store()
    expect((await get('/api/v1/annotations?from=2011-11-01&to=2011-11-12')).body.annotations).toEqual([])
    expect((await post('annotations/remove', { id: 'sale' })).status).toBe(404)
  })

  test.each([
    ['no words', { kind: 'deploy', text: '  ' }],
    ['too many words', { kind: 'deploy', text: 'x'.repeat(201) }],
    ['a line break', { kind: 'deploy', text: 'a\nb' }],
    ['no kind', { text: 'x' }],
    ['another kind', { kind: 'party', text: 'x' }],
    ['a local time', { kind: 'deploy', at: '2011-11-17T10:00:00', text: 'x' }],
    [
      'an end before the beginning',
      { kind: 'deploy', at: AT.upTo, until: '2011-11-17T11:00:00Z', text: 'x' },
    ],
    ['an end before now', { kind: 'deploy', until: '2011-11-17T11:00:00Z', text: 'x' }],
    ['somebody else’s name', { kind: 'deploy', text: 'x', by: 'olga' }],
    ['another tenant', { kind: 'deploy', text: 'x', tenant: 'zebra' }],
  ])('with %s are refused, and nothing is in the log', async (_, payload) => {
    const before = (await readLog()).length
    expect((await post('annotations/add', payload)).status).toBe(400)
    expect((await readLog()).length).toBe(before)
  })

  test('are refused while the log takes nothing', async () => {
    const { append } = api.log
    api.log.append = () => Promise.reject(Object.assign(new Error('full'), { code: 'LOG_FULL' }))
    try {
      const { status, body } = await post('annotations/add', { kind: 'deploy', text: 'x' })
      expect([status, body.error.code]).toEqual([503, 'LOG_DOWN'])
    } finally {
      api.log.append = append
    }
  })
})

describe('targets', () => {
  test('hold from their day on, in what is running now, and tell how far it is', async () => {
    for (const target of [
      { period: 'week', from: '2011-11-01', amount: '9999' },
      { period: 'week', from: '2011-11-16', amount: '100' },
      { period: 'week', from: '2011-11-18', amount: '1' },
      { period: 'day', amount: '40' },
      { period: 'month', series: 'orders', amount: '10', from: '2011-01-01' },
    ])
      expect((await post('targets/set', target)).status).toBe(200)
    await store()
    const { body } = await get('/api/v1/targets')
    expect(body).toMatchObject({ tenant: 'acme', currency: 'GBP', day: '2011-11-17' })
    expect(body.targets.map(({ from }: { from: string }) => from)).toEqual([
      ...['2011-11-18', '2011-11-17', '2011-11-16', '2011-11-01', '2011-01-01'],
    ])
    const day = { period: 'day', amount: '40.00', first: '2011-11-17', last: '2011-11-17', before: '0.00' }
    const week = {
      period: 'week',
      amount: '100.00',
      first: '2011-11-14',
      last: '2011-11-20',
      before: '15.50',
    }
    const month = { period: 'month', amount: '10', first: '2011-11-01', last: '2011-11-30', before: '2' }
    expect(body.progress).toMatchObject([
      { ...day, reached: '30.00', share: 0.75, daysLeft: 1, neededPerDay: '40.00' },
      // 84.50 over four days, to the next cent.
      { ...week, reached: '45.50', share: 0.455, daysLeft: 4, neededPerDay: '21.13' },
      { ...month, series: 'orders', reached: '3', share: 0.3, daysLeft: 14, neededPerDay: '1' },
    ])
    expect(body.progress[0].elapsedShare).toBeCloseTo(0.5, 2)
    expect((await get('/api/v1/targets?tenant=zebra')).body).toMatchObject({ targets: [], progress: [] })
  })

  test('leave what held before them when they are taken back', async () => {
    const week = { series: 'revenue', period: 'week', from: '2011-11-16' }
    expect((await post('targets/remove', week)).status).toBe(200)
    await store()
    const { progress } = (await get('/api/v1/targets')).body
    expect(progress[1]).toMatchObject({ period: 'week', amount: '9999.00' })
    expect((await post('targets/remove', week)).status).toBe(404)
  })

  test.each([
    ['nothing', { period: 'day', amount: '0' }],
    ['less than nothing', { period: 'day', amount: '-1' }],
    ['a number', { period: 'day', amount: 5 }],
    ['half an order', { period: 'day', series: 'orders', amount: '1.5' }],
    ['another period', { period: 'year', amount: '5' }],
    ['another series', { period: 'day', series: 'units', amount: '5' }],
    ['no day', { period: 'day', from: '2011-02-30', amount: '5' }],
    ['a currency of its own', { period: 'day', amount: '5', currency: 'EUR' }],
  ])('of %s are refused', async (_, payload) => {
    expect((await post('targets/set', payload)).status).toBe(400)
  })
})

test('a wall shows its day’s annotations where they are on it, and what the day is to reach', async () => {
  const promotion = {
    kind: 'promotion',
    at: '2011-11-16T12:00:00Z',
    until: '2011-11-18T12:00:00Z',
    text: 'two days',
  }
  await post('annotations/add', { id: 'long', ...promotion })
  await store()
  const wall = await openWall(api.url)
  await wall.until(({ tiles }) => tiles.notes?.annotations.some(({ id }) => id === 'long') === true)
  expect(wall.tiles.notes).toMatchObject({
    day: '2011-11-17',
    minutes: 1_440,
    annotations: [
      { id: 'long', fromMinute: 0, untilMinute: 1_440 },
      { text: 'v2', fromMinute: 600, untilMinute: null },
      { text: 'now' },
    ],
    target: { revenue: '40', orders: null },
  })
  await post('annotations/remove', { id: 'long' })
  await store()
  await wall.until(({ tiles }) => tiles.notes?.annotations.length === 2)
  await wall.close()
})
