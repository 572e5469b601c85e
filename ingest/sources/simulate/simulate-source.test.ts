import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { decodeOrdersEvent } from '../../../core/contracts/decode-event.ts'
import { type EncodedEvent, encodeOrdersEvent } from '../../../core/contracts/encode-event.ts'
import type { OrdersTopicEvent } from '../../../core/contracts/events.ts'
import { sourceProgress } from '../../../core/contracts/source-progress.ts'
import { TOPICS } from '../../../core/contracts/topics.ts'
import type { EventLog, LogRecord } from '../../../core/log/event-log.ts'
import { openTestLog } from '../../../core/log/testing/open-test-log.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { createFakeClock } from '../replay/testing/fake-clock.ts'
import { parsePosition } from './position.ts'
import type { SimulateOptions } from './simulate-options.ts'
import { createSimulateSource } from './simulate-source.ts'
import { createSimulation } from './simulation.ts'
import { settle } from './simulation-options.ts'
import { smallShop } from './testing/small-shop.ts'

const NOW_MS = Date.UTC(2026, 5, 1)
const YEARS = 0.25
const HOUR_MS = 3_600_000

let folder: string
let log: EventLog
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-simulate-'))
  log = await openTestLog(folder)
  for (const topic of ['orders', 'customers', 'products', 'source-health'] as const)
    await log.ensureTopic(topic, { ...TOPICS[topic], partitions: topic === 'orders' ? 2 : 1 })
})
afterEach(async () => {
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

function shop(more: Partial<SimulateOptions> = {}): Omit<SimulateOptions, 'clock'> {
  const { beginMs: _beginMs, ...options } = smallShop({ customersPerYear: 3_000 })
  return { ...options, log, logger: silentLogger, years: YEARS, ...more }
}

/** Runs from an instant on and is stopped when the clock was asked to sleep so often. */
async function runFrom(nowMs: number, sleeps: number, more: Partial<SimulateOptions> = {}) {
  const stopping = new AbortController()
  const clock = createFakeClock(nowMs)
  let left = sleeps
  const counting: Clock = {
    now: clock.now,
    sleep: (ms, signal) => {
      left -= 1
      if (left <= 0) stopping.abort()
      return clock.sleep(ms, signal)
    },
  }
  const source = createSimulateSource({ ...shop(more), clock: counting })
  return source.run(stopping.signal)
}

async function readTopic(topic: string): Promise<LogRecord[]> {
  const found: LogRecord[] = []
  for (let partition = 0; partition < log.partitions(topic); partition++) {
    const { first, next } = await log.bounds(topic, partition)
    for (let at = first; at < next; ) {
      const records = await log.read(topic, partition, at, { maxRecords: 5_000, maxBytes: 8_000_000 })
      found.push(...records)
      at = records.at(-1)!.offset + 1
    }
  }
  return found
}

const textOf = (record: EncodedEvent) => JSON.stringify(decodeOrdersEvent(record))

/** What the last progress says that the log has, simulated once more. */
function expectedTexts(note: string): string[] {
  const position = parsePosition(note)
  const { log: _log, logger: _logger, years: _years, ...options } = shop()
  const simulation = createSimulation(settle({ ...options, source: 'simulate', beginMs: position.beginMs }))
  for (const pace of position.paces) simulation.changePace(pace)
  const texts: string[] = []
  while (simulation.told < position.told) {
    const { topic, event } = simulation.next(Number.POSITIVE_INFINITY)!
    if (topic === 'orders') texts.push(textOf(encodeOrdersEvent(event as OrdersTopicEvent)))
  }
  return texts
}

it('tells how much of the history is loaded after each append, and all of it in the end', async () => {
  const told: [number, number][] = []
  const { orders } = await runFrom(NOW_MS, 1e6, {
    ...{ all: true, orders: 2_500 },
    onLoaded: (loaded, total) => told.push([loaded, total]),
  })
  expect(told.length).toBeGreaterThan(1)
  expect(told.map(([loaded]) => loaded)).toEqual(told.map(([loaded]) => loaded).sort((a, b) => a - b))
  expect(told.at(-1)).toEqual([orders, orders])
})

describe('the simulate source', () => {
  it('loads its history and goes on in real time at the rate that was asked for', async () => {
    const { orders } = await runFrom(NOW_MS, 260, { rate: 50, steady: true })
    const progress = (await readTopic('orders'))
      .filter(({ key }) => key === 'demo/simulate')
      .map((record) => sourceProgress.parse(JSON.parse(textOf(record))))
    const live = progress.filter(({ mode }) => mode === 'live')
    const history = progress.filter(({ mode }) => mode === 'history')
    expect(history.length).toBeGreaterThan(1)
    const seconds = (Date.parse(live.at(-1)!.upTo) - NOW_MS) / 1_000
    const sold = expectedTexts(live.at(-1)!.note).filter((text) => {
      const [, version, changedAt] = /"version":(\d+),"changedAt":"([^"]+)"/.exec(text)!
      return version === '1' && Date.parse(changedAt!) > NOW_MS
    }).length
    console.log(`simulate: ${orders} orders of history, then ${sold} records in ${seconds} s`)
    expect(seconds).toBeGreaterThan(10)
    expect(Math.abs(sold / seconds / 50 - 1)).toBeLessThan(0.3)
  })

  it('goes on after stops at any point, without sending anything twice', async () => {
    // In the history, in real time, a moment later, hours later, at another rate, and at the end from the beginning.
    await runFrom(NOW_MS, 3, { rate: 5 })
    await runFrom(NOW_MS + 10_000, 120, { rate: 5 })
    await runFrom(NOW_MS + 40_000, 90, { rate: 5 })
    await runFrom(NOW_MS + 5 * HOUR_MS, 150, { rate: 5 })
    await runFrom(NOW_MS + 5 * HOUR_MS + 30_000, 150, { rate: 0.5, steady: true })
    const { orders, ledger } = await runFrom(NOW_MS + 9 * HOUR_MS, 60, { all: true })
    const records = await readTopic('orders')
    const notes = records
      .filter(({ key }) => key === 'demo/simulate')
      .map((record) => sourceProgress.parse(JSON.parse(textOf(record))).note)
    const last = notes.reduce((a, b) => (parsePosition(a).told >= parsePosition(b).told ? a : b))
    const facts = records.filter(({ key }) => key !== 'demo/simulate').map(textOf)
    console.log(
      `simulate: after 5 stops ${orders} orders, ${facts.length} records, paces ${parsePosition(last).paces.length}`,
    )
    // A whole difference would be megabytes.
    const expected = expectedTexts(last).toSorted()
    const differing = facts.toSorted().filter((text, index) => text !== expected[index])
    expect({ records: facts.length, differing: differing.slice(0, 2) }).toEqual({
      records: expected.length,
      differing: [],
    })
    expect(parsePosition(last).paces.length).toBeGreaterThan(3)
    expect(ledger.total('booked').revenueE4).toBeGreaterThan(0n)
  })

  it('refuses to go on as another shop', async () => {
    await runFrom(NOW_MS, 3)
    await expect(runFrom(NOW_MS, 3, { seed: 2 })).rejects.toMatchObject({ code: 'SIMULATE_CHANGED' })
    await expect(runFrom(NOW_MS, 3, { growth: 0.9 })).rejects.toMatchObject({ code: 'SIMULATE_CHANGED' })
  })

  it('tells exactly as many orders as were asked for', async () => {
    const { orders, state } = await runFrom(NOW_MS, 60, {
      all: true,
      orders: 1_000,
      years: 1,
      customersPerYear: undefined,
    })
    expect({ orders, state }).toEqual({ orders: 1_000, state: 'loaded' })
  })

  it.each([{ years: 0 }, { years: 21 }, { rate: 0 }, { rate: 20_001 }])('refuses %j', (more) => {
    const make = () => createSimulateSource({ ...shop(more), clock: createFakeClock(NOW_MS) })
    expect(make).toThrow(/must be above 0 and at most/)
  })
})
