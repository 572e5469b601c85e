import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDivision } from '../../clickhouse/queries/read-division.ts'
import { readSegmentDays, readSegmentMoves } from '../../clickhouse/queries/read-segment-sums.ts'
import { readCustomerSegment, readCustomerSegments } from '../../clickhouse/queries/read-segments.ts'
import { storeSegmentRules } from '../../clickhouse/queries/segment-rules.ts'
import { encodeOrdersEvent } from '../../core/contracts/encode-event.ts'
import { toE4 } from '../../core/contracts/money.ts'
import { type OrderEventInput, orderKey } from '../../core/contracts/order.ts'
import { type SegmentResult, segmentResult } from '../../core/contracts/results.ts'
import { partitionOf } from '../../core/log/event-log.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { parseDay } from '../../core/runtime/local-time.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import {
  SEGMENT_MODES,
  type SegmentChoice,
  partitionOf as segmentsOf,
} from '../../core/segments/segment-modes.ts'
import { DEFAULT_SEGMENT_RULES } from '../../core/segments/segment-rules.ts'
import { waitUntil } from '../../test/cli/wait-until.ts'
import { openPipeline, type Pipeline } from '../../test/oracle/pipeline.ts'
import { startTestEngine, type TestEngine } from '../../test/with-engine.ts'
import { cellDivision, segmentName } from './divisions.ts'
import { followCustomers, type RfmHealth } from './follow-customers.ts'
import { sharedColumns, UNSCORED } from './rfm-columns.ts'
import { scoreRfm } from './score-rfm.ts'

const DATABASE = 'revwall_rfm'
const TENANT = { id: 'acme', name: 'Acme', timeZone: 'America/Sao_Paulo', currency: 'BRL' }
const DIVISION = cellDivision('default')
const PARTITION = segmentsOf(SEGMENT_MODES.default)
const RANGE = { tenant: 'acme', from: '2020-01-01', to: '2100-01-01', database: DATABASE }

let test: TestEngine
let pipeline: Pipeline

beforeAll(async () => {
  test = await startTestEngine()
  pipeline = await openPipeline({ warehouse: test.warehouse, database: DATABASE, tenants: [TENANT] })
})
afterAll(async () => {
  await pipeline?.dispose()
  await test?.stop()
})

type Told = Partial<OrderEventInput> & { orderId: string }

async function tell(orders: readonly Told[], into = pipeline, partitions = 2): Promise<void> {
  const records = orders.map((order) => {
    const event = {
      ...{ type: 'order', schemaVersion: 1, tenant: 'acme', source: 'shop', version: 1, status: 'completed' },
      ...{ changedAt: '2024-05-01T12:00:00Z', placedAt: '2024-05-01T12:00:00Z', currency: 'BRL', lines: [] },
      ...order,
    } as OrderEventInput
    const key = orderKey(event)
    return { partition: partitionOf(key, partitions), key, ...encodeOrdersEvent(event) }
  })
  await into.log.append('orders', records)
  expect(await into.settle()).toEqual([])
}

/** From the present rows of the orders, scored at once. */
async function expected(): Promise<
  Map<string, { segment: string; orders: number; revenue: number; last: number }>
> {
  const orders = await test.warehouse.query<{
    customer: string
    day: string
    counts: number
    kind: string
    net: string
  }>(
    `SELECT customer, toString(sale_day) AS day, counts, kind, net FROM ${DATABASE}.order_changes
     WHERE sign = 1 AND customer != '' AND currency = 'BRL'
     ORDER BY revision DESC LIMIT 1 BY tenant, source, order_id`,
  )
  const names = [...new Set(orders.map(({ customer }) => customer))]
  const columns = sharedColumns(names.length)
  for (const { customer, day, counts, kind, net } of orders) {
    const row = names.indexOf(customer)
    columns.monetaryE4[row]! += toE4(net)
    if (counts === 0 || kind !== 'sale') continue
    columns.orders[row]! += 1
    columns.lastDay[row] = Math.max(columns.lastDay[row]!, parseDay(day))
  }
  const cells = new Uint8Array(names.length)
  scoreRfm(columns, cells)
  return new Map(
    names.map((name, row) => [
      name,
      {
        segment: segmentName(DIVISION, cells[row] === UNSCORED ? UNSCORED : PARTITION[cells[row]!]!),
        orders: columns.orders[row]!,
        revenue: columns.monetaryE4[row]!,
        last: columns.lastDay[row]!,
      },
    ]),
  )
}

async function stored() {
  const found: Awaited<ReturnType<typeof expected>> = new Map()
  for await (const page of readCustomerSegments(test.warehouse, { database: DATABASE, tenant: 'acme' }))
    for (const { customer, segment, orders, revenue, lastDay } of page)
      found.set(customer, { segment, orders, revenue: toE4(revenue), last: parseDay(lastDay) })
  return found
}

const sorted = (map: Map<string, unknown>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))

async function untilEqual(): Promise<void> {
  const told = async () => JSON.stringify(sorted(await stored()))
  const wanted = JSON.stringify(sorted(await expected()))
  await waitUntil('the segments of all customers', 20_000, async () => (await told()) === wanted)
}

async function events(): Promise<SegmentResult[]> {
  const all: SegmentResult[] = []
  for (let partition = 0; partition < pipeline.log.partitions('segments'); partition++) {
    const records = await pipeline.log.read('segments', partition, 0, {
      maxRecords: 10_000,
      maxBytes: 2 ** 24,
    })
    for (const { value, key } of records) {
      const event = segmentResult.parse(JSON.parse(Buffer.from(value).toString()))
      expect(key).toBe(`acme/${event.customerId}`)
      all.push(event)
    }
  }
  return all
}

function follow(mode: SegmentChoice = 'default', { database, log } = pipeline) {
  const stopping = new AbortController()
  const looks: RfmHealth[] = []
  const done = followCustomers({
    ...{ warehouse: test.warehouse, database, run: 'r1', log },
    ...{ tenants: new Map([[TENANT.id, TENANT]]), mode },
    ...{ clock: systemClock, logger: silentLogger, signal: stopping.signal, registry: new Registry() },
    onLook: (health) => looks.push(health),
  })
  return {
    looks,
    stop: async () => {
      stopping.abort()
      await done
    },
  }
}

/** Customers of many habits; the number says how often and how much. */
const first = Array.from({ length: 60 }, (_, i) => i).flatMap((i) =>
  Array.from({ length: 1 + (i % 7) }, (_, n) => ({
    orderId: `o-${i}-${n}`,
    customerId: `c-${i}`,
    placedAt: new Date(Date.UTC(2024, i % 5, 1 + ((i * 7 + n * 3) % 27), 12)).toISOString(),
    total: `${10 + ((i * 37) % 200)}.${10 + (i % 80)}`,
  })),
)

it('keeps every customer where a scoring of all orders puts it, through edits, cancellations and a restart', async () => {
  await tell([
    ...first,
    // No customer's: a guest, another currency, an order that never counted.
    { orderId: 'guest', total: '999.00' },
    { orderId: 'euro', customerId: 'c-1', currency: 'EUR', total: '5000.00' },
    { orderId: 'failed', customerId: 'c-2', status: 'failed', total: '5000.00' },
  ])
  const following = follow()
  await untilEqual()
  // One order more, one larger, one less: of the last day, which must be read again.
  const last = first.filter(({ customerId }) => customerId === 'c-6')
  const newest = last.reduce((a, b) => (a.placedAt > b.placedAt ? a : b))
  await tell([
    { orderId: 'new', customerId: 'c-3', placedAt: '2024-06-01T12:00:00Z', total: '700.00' },
    { ...first[0]!, version: 2, total: '4000.00' },
    { ...newest, version: 2, status: 'cancelled' },
    // The customer's only order: it is none then.
    { ...first.find(({ customerId }) => customerId === 'c-7')!, version: 2, status: 'cancelled' },
    { orderId: 'newcomer', customerId: 'c-new', placedAt: '2024-06-02T01:00:00Z', total: '1.00' },
  ])
  await untilEqual()
  expect((await stored()).get('c-7')).toMatchObject({ segment: '', orders: 0 })
  await following.stop()

  // The next one knows what was told: with nothing new it tells nothing.
  const before = (await events()).length
  const again = follow()
  await tell([{ orderId: 'later', customerId: 'c-4', placedAt: '2024-06-03T12:00:00Z', total: '30.00' }])
  await untilEqual()
  await again.stop()
  expect(again.looks.reduce((sum, { changes }) => sum + changes, 0)).toBeLessThan(40)

  const all = await events()
  expect(all.length - before).toBeLessThan(40)
  expect(new Set(all.map(({ eventId, customerId }) => `${customerId} ${eventId}`)).size).toBe(all.length)
  // Replayed, the events end where the rows do.
  const byCustomer = new Map<string, string>()
  for (const { customerId, from, to } of all) {
    expect(byCustomer.get(customerId) ?? '').toBe(from ?? '')
    byCustomer.set(customerId, to ?? '')
  }
  const rows = await stored()
  for (const [customer, { segment }] of rows) expect(byCustomer.get(customer) ?? '').toBe(segment)

  const scope = {
    ...RANGE,
    division: (await readDivision(test.warehouse, { mode: 'default', today: '2024-06-03' }))!,
  }
  const { rows: moves } = await readSegmentMoves(test.warehouse, scope)
  expect(moves.reduce((sum, { customers }) => sum + customers, 0)).toBe(all.length)
  const one = await readCustomerSegment(test.warehouse, scope, 'c-3')
  expect(one).toMatchObject({ segment: rows.get('c-3')!.segment, orders: 5, currency: 'BRL' })
  const { rows: days } = await readSegmentDays(test.warehouse, scope)
  expect(days.map(({ segment }) => segment).sort()).toEqual([...DIVISION.ids].sort())
  expect(days.reduce((sum, { customers }) => sum + customers, 0)).toBeGreaterThan(55)
})

const inWords = (mode: string) =>
  waitUntil(`everybody in the words of ${mode}`, 20_000, async () => {
    const [row] = await test.warehouse.query<{ n: string }>(
      `SELECT uniqExact(mode) = 1 AND any(mode) = '${mode}' AS n FROM ${DATABASE}.customer_segments FINAL`,
    )
    return Number(row!.n) === 1
  })

it('tells everybody anew in another division, which moves nobody, and goes by its words from then on', async () => {
  const before = (await events()).length
  const lifecycle = follow('lifecycle')
  await inWords('lifecycle')
  expect(await events()).toHaveLength(before)
  await waitUntil('its day', 20_000, async () => (await daysOf('lifecycle')).length > 0)
  expect((await daysOf('lifecycle')).map(({ segment }) => segment).sort()).toEqual(
    SEGMENT_MODES.lifecycle.segments.map(({ id }) => id).sort(),
  )
  const anew = `SELECT mode FROM ${DATABASE}.segment_moves WHERE mode != 'default'`
  expect(await test.warehouse.query(anew)).toEqual([])
  await lifecycle.stop()

  const rules = follow('rules')
  await inWords('rules-v1')
  expect(await events()).toHaveLength(before)
  // Years after their last orders.
  expect(new Set([...(await stored()).values()].map(({ segment }) => segment))).toEqual(new Set(['lost', '']))
  const now = new Date().toISOString()
  await tell([{ orderId: 'back', customerId: 'c-9', placedAt: now, changedAt: now, total: '20.00' }])
  await waitUntil('the move', 20_000, async () => (await events()).length > before)
  const moved = (await events()).filter(
    ({ customerId, model }) => customerId === 'c-9' && model === 'rfm-rules-v1-1',
  )
  expect(moved).toMatchObject([{ from: 'lost', to: 'regular' }])

  // Newer rules are heard of while it runs.
  const told = (await events()).length
  await storeSegmentRules(test.warehouse, { ...DEFAULT_SEGMENT_RULES, otherwise: 'at-risk' }, 'ana')
  await inWords('rules-v2')
  expect(await events()).toHaveLength(told)
  expect((await stored()).get('c-8')!.segment).toBe('at-risk')
  await rules.stop()
})

const daysOf = async (mode: SegmentChoice) => {
  const division = (await readDivision(test.warehouse, { mode, today: '2024-06-03' }))!
  return (await readSegmentDays(test.warehouse, { ...RANGE, division })).rows
}

it('writes fewer customers at once while orders come in, and then all that are left', async () => {
  const many = await openPipeline({
    ...{ warehouse: test.warehouse, database: 'revwall_rfm_many', tenants: [TENANT] },
    ...{ partitions: 1, maxRecords: 10_000 },
  })
  try {
    const following = follow('default', many)
    const orders = Array.from({ length: 6_500 }, (_, i) => ({
      ...{ orderId: `m-${i}`, customerId: `m-${i}`, total: `${i + 1}.00` },
    }))
    // Told where it follows already: what it finds when it begins is no batch that came.
    await tell([{ orderId: 'first', customerId: 'm-first', total: '1.00' }], many, 1)
    await waitUntil('the first one', 20_000, async () => following.looks.length > 0)
    await tell(orders, many, 1)
    const written = () => following.looks.reduce((sum, { changes }) => sum + changes, 0)
    await waitUntil('everybody', 20_000, async () => written() >= 6_501)
    await following.stop()
    const changes = following.looks.slice(1).map((each) => each.changes)
    expect(changes[0]).toBeLessThanOrEqual(2_000)
    expect(changes).toContain(2_000)
    expect(Math.max(...changes)).toBeGreaterThan(2_000)
  } finally {
    await many.dispose()
  }
})
