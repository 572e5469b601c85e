import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrdersTopicEvent } from '../../../core/contracts/events.ts'
import type { SourceProgress } from '../../../core/contracts/source-progress.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { type Clock, systemClock } from '../../../core/runtime/clock.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { LEAP_LEAD_MS, LEAP_OVER_MS } from './pace.ts'
import type { ReplayOptions } from './replay-options.ts'
import { createReplaySource } from './replay-source.ts'
import { SHIPPED_FILE } from './shipped-file.ts'
import { createFakeClock } from './testing/fake-clock.ts'
import { foldOrders, openTestLog, readDeadLetters, readHealth, readOrders } from './testing/read-log.ts'
import { fileLine, HEADER, writeCsv } from './testing/small-file.ts'

const NOW_MS = Date.UTC(2026, 5, 1)
const MINUTE_MS = 60_000
const HISTORY = [
  fileLine('1', '2011-10-03 09:00:00'),
  fileLine('2', '2011-10-03 09:00:00', { sku: '71053', customer: '' }),
  'not,an,order',
  fileLine('C3', '2011-10-04 10:00:00', { quantity: '-2' }),
]
const PLAYED = [
  fileLine('4', '2011-11-01 09:00:00'),
  fileLine('5', '2011-11-01 09:05:00', { customer: '12345' }),
  fileLine('C6', '2011-11-01 16:00:00', { quantity: '-6' }),
  fileLine('C7', '2011-11-02 09:00:00', { quantity: '-4' }),
  fileLine('8', '2011-11-09 09:30:00'),
]

let folder: string
let log: EventLog
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-replay-'))
  log = await openTestLog(join(folder, 'log'))
})
afterEach(async () => {
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

function source(file: string, more: Partial<ReplayOptions> = {}) {
  const common = {
    tenant: 'demo',
    timeZone: 'Europe/London',
    historyUntil: '2011-11-01T00:00',
    logger: silentLogger,
  }
  return createReplaySource({ file, log, clock: createFakeClock(NOW_MS), ...common, ...more })
}

/** Aborts when the clock has been asked to sleep so often. */
function stopAfter(
  sleeps: number,
  clock: Clock = createFakeClock(NOW_MS),
): { clock: Clock; signal: AbortSignal } {
  const stop = new AbortController()
  let left = sleeps
  const sleep: Clock['sleep'] = (ms, signal) => {
    left -= 1
    if (left <= 0) stop.abort()
    return clock.sleep(ms, signal)
  }
  return { clock: { now: () => clock.now(), sleep }, signal: stop.signal }
}

const ids = (events: readonly OrdersTopicEvent[][]) => [...foldOrders(events.flat()).orders.keys()].sort()
const progressOf = (events: readonly OrdersTopicEvent[]) =>
  events.filter((event): event is SourceProgress => event.type === 'source.progress')

/** In each partition: `upTo` never goes back, and no fact comes behind a progress that speaks of its time already. */
function checkProgress(partitions: readonly OrdersTopicEvent[][]): void {
  for (const events of partitions) {
    let upToMs = 0
    let wrong = 0
    for (const event of events) {
      if (event.type === 'source.progress') {
        if (Date.parse(event.upTo) < upToMs) wrong += 1
        upToMs = Date.parse(event.upTo)
      } else if (event.type === 'order' && event.version <= upToMs) wrong += 1
    }
    expect(wrong).toBe(0)
    expect(upToMs).toBeGreaterThan(0)
  }
}

describe('the replay source', () => {
  it('loads all of Online Retail in a few seconds, the first orders at once, without holding up the process', async () => {
    let longestMs = 0
    let beforeMs = performance.now()
    let firstMs: number | undefined
    const startMs = performance.now()
    const watch = setInterval(async () => {
      longestMs = Math.max(longestMs, performance.now() - beforeMs)
      beforeMs = performance.now()
      if (firstMs === undefined && (await log.bounds('orders', 0)).next > 0)
        firstMs = performance.now() - startMs
    }, 1)
    const summary = await source(SHIPPED_FILE, { clock: systemClock, all: true }).run(
      new AbortController().signal,
    )
    clearInterval(watch)
    console.log(
      `first orders after ${Math.round(firstMs ?? 0)} ms, ${summary.sent} order events of ${summary.stats.lines} lines in ` +
        `${summary.elapsedMs} ms, longest pause of the event loop ${Math.round(longestMs)} ms`,
    )
    expect(firstMs).toBeLessThan(1_500)
    expect(summary).toMatchObject({ source: 'online-retail', state: 'loaded', sent: 26_862 })
    const partitions = await readOrders(log)
    checkProgress(partitions)
    expect(foldOrders(partitions.flat()).repeated).toBe(0)
    expect(progressOf(partitions[0]!).at(-1)).toMatchObject({
      upTo: '2011-12-09T12:50:00.000Z',
      mode: 'history',
    })
    const health = await readHealth(log)
    expect(health.at(-2)).toMatchObject({ state: 'loading', loaded: 541_909, total: 541_909, secondsLeft: 0 })
    expect(health.some(({ state, perSecond }) => state === 'loading' && (perSecond ?? 0) > 0)).toBe(true)
    expect(health.at(-1)?.state).toBe('ended')
  })

  it('plays the rest, leaps over closed hours, and tells every second how far it is', async () => {
    const file = writeCsv(folder, [...HISTORY, ...PLAYED])
    const { clock, signal } = stopAfter(300)
    const summary = await source(file, { clock, speed: 60 }).run(signal)
    expect(summary.state).toBe('stopped')
    const partitions = await readOrders(log)
    checkProgress(partitions)
    const progress = progressOf(partitions[0]!).filter(({ mode }) => mode === 'replay')
    const first = partitions.flat().find((event) => event.type === 'order' && event.orderId === '4')
    expect(first).toMatchObject({ placedAt: '2011-11-01T09:00:00.000Z' })
    expect(progress[0]).toMatchObject({ upTo: '2011-11-01T08:59:00.000Z', speed: 60, pass: 1 })
    const leaps = progress
      .slice(1)
      .map((now, index) => ({ now, ms: Date.parse(now.upTo) - Date.parse(progress[index]!.upTo) }))
    for (const { now, ms } of leaps) {
      if (ms > 1_000 * 60) expect(ms).toBeGreaterThan(LEAP_OVER_MS - LEAP_LEAD_MS)
      expect(Date.parse(now.polledAt)).toBeGreaterThanOrEqual(NOW_MS)
    }
    const landings = leaps.filter(({ ms }) => ms > MINUTE_MS).map(({ now }) => now.upTo.slice(0, 16))
    expect(landings.slice(0, 3)).toEqual(['2011-11-01T15:59', '2011-11-02T08:59', '2011-11-09T09:29'])
    const polls = progress.map(({ polledAt }) => Date.parse(polledAt))
    expect(Math.max(...polls.slice(1).map((at, index) => at - polls[index]!))).toBeLessThanOrEqual(1_000)
  })

  it('goes on in a next pass with orders of its own, whole weeks later, until it would reach past today', async () => {
    const file = writeCsv(folder, [...HISTORY, ...PLAYED])
    const clock = createFakeClock(Date.UTC(2011, 11, 8))
    const stop = stopAfter(3_000, clock)
    await source(file, { clock: stop.clock, speed: 600 }).run(stop.signal)
    const partitions = await readOrders(log)
    checkProgress(partitions)
    const { orders } = foldOrders(partitions.flat())
    expect([...orders.keys()].filter((id) => id.startsWith('p2-')).sort()).toEqual([
      'p2-4',
      'p2-5',
      'p2-8',
      'p2-C7',
    ])
    // In the first pass C7 finds the order of the history; the second does not have that one.
    expect(orders.get('1')?.refunds.map(({ id }) => id)).toEqual(['C3', 'C7'])
    expect(orders.get('p2-C7')).toMatchObject({ kind: 'credit', placedAt: '2011-11-16T09:00:00.000Z' })
    expect(orders.get('p2-4')).toMatchObject({ placedAt: '2011-11-15T09:00:00.000Z', customerId: '17850' })
    expect(orders.get('p2-4')?.refunds).toMatchObject([{ id: 'p2-C6' }])
    expect([...orders.keys()].filter((id) => id.startsWith('p3-'))).toHaveLength(4)
    expect([...orders.keys()].filter((id) => id.startsWith('p4-'))).toHaveLength(0)
    expect((await readHealth(log)).filter(({ state }) => state === 'ended').at(-1)?.message).toBe(
      'pass 4 would reach 2011-12-21T09:30:00, past today',
    )
    const [last, before] = progressOf(partitions[2]!).reverse()
    expect(last?.upTo).toBe(before?.upTo)
    expect(last?.polledAt).not.toBe(before?.polledAt)
  })

  it('goes on where it was after any stop, sending nothing twice and nothing never', async () => {
    const file = writeCsv(folder, [...HISTORY, ...PLAYED])
    const clock = createFakeClock(Date.UTC(2011, 11, 8))
    for (let run = 0; run < 40; run++) {
      const stop = stopAfter(1 + ((run * 7) % 40), clock)
      await source(file, { clock: stop.clock, speed: 600 }).run(stop.signal)
    }
    const partitions = await readOrders(log)
    checkProgress(partitions)
    expect(foldOrders(partitions.flat()).repeated).toBe(0)
    expect(ids(partitions)).toEqual(
      expect.arrayContaining(['1', '2', '4', '5', '8', 'p2-4', 'p2-5', 'p2-8', 'p2-C7', 'p3-8']),
    )
    expect(await readDeadLetters(log)).toMatchObject([{ origin: 'file:shop.csv:4', payload: 'not,an,order' }])
  })

  it('finishes with `all` what was begun by playing, and is then done', async () => {
    const file = writeCsv(folder, [...HISTORY, ...PLAYED])
    const stop = stopAfter(3)
    await source(file, { clock: stop.clock }).run(stop.signal)
    const { signal } = new AbortController()
    expect((await source(file, { all: true }).run(signal)).sent).toBeGreaterThan(0)
    expect((await source(file, { all: true }).run(signal)).sent).toBe(0)
    expect(ids(await readOrders(log))).toEqual(['1', '2', '4', '5', '8'])
  })

  it('refuses another file under the same source, and takes it as a source of its own', async () => {
    const { signal } = new AbortController()
    await source(writeCsv(folder, HISTORY), { all: true }).run(signal)
    const other = writeCsv(folder, PLAYED) // The same name, and so the same source.
    await expect(source(other, { all: true }).run(signal)).rejects.toMatchObject({ code: 'REPLAY_CHANGED' })
    await source(other, { all: true, source: 'other' }).run(signal)
    expect(ids(await readOrders(log))).toContain('8')
    const elsewhere = source(writeCsv(folder, HISTORY), { all: true, timeZone: 'Europe/Paris' })
    await expect(elsewhere.run(signal)).rejects.toMatchObject({ code: 'REPLAY_CHANGED' })
  })

  it('waits for space when the log is full, and with `all` says so at once', async () => {
    const file = writeCsv(folder, [...HISTORY, ...PLAYED])
    let refusals = 5
    const append: EventLog['append'] = (topic, records) => {
      refusals -= 1
      if (refusals >= 0) return Promise.reject(new RevwallError('LOG_FULL', 'no space'))
      return log.append(topic, records)
    }
    const full = new Proxy(log, {
      get: (target, name) => (name === 'append' ? append : Reflect.get(target, name)),
    })
    const stop = stopAfter(9)
    await source(file, { log: full, clock: stop.clock }).run(stop.signal)
    expect(ids(await readOrders(log))).toContain('4')
    expect(foldOrders((await readOrders(log)).flat()).repeated).toBe(0)
    refusals = 5
    const { signal } = new AbortController()
    await expect(source(file, { log: full, all: true }).run(signal)).rejects.toMatchObject({
      code: 'LOG_FULL',
    })
  })

  it('says that there is nothing to play when the file ends with its history', async () => {
    const stop = stopAfter(3)
    await source(writeCsv(folder, HISTORY), { clock: stop.clock }).run(stop.signal)
    expect((await readHealth(log)).filter(({ state }) => state === 'ended')[0]?.message).toContain(
      'nothing after its history',
    )
  })

  it('explains a file that cannot be replayed', async () => {
    const write = (name: string, content: string | Buffer) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    const whole = gzipSync(`${HEADER}\n${HISTORY.join('\n').repeat(500)}`)
    const cases: [string, string][] = [
      [join(folder, 'none.csv'), 'REPLAY_FILE_MISSING'],
      [folder, 'REPLAY_FILE_UNREADABLE'],
      [write('empty.csv', ''), 'REPLAY_FILE_EMPTY'],
      [write('header.csv', `${HEADER}\n`), 'REPLAY_FILE_EMPTY'],
      [write('empty.csv.gz', ''), 'REPLAY_FILE_EMPTY'],
      [write('empty2.csv.gz', gzipSync('')), 'REPLAY_FILE_EMPTY'],
      [write('plain.csv.gz', HEADER), 'REPLAY_NOT_GZIP'],
      [write('cut.csv.gz', whole.subarray(0, whole.length - 20)), 'REPLAY_GZIP_BROKEN'],
      [write('other.csv', 'Invoice,Price\n1,2\n'), 'REPLAY_BAD_HEADER'],
      [write('nonsense.csv', `${HEADER}\n${'a,b\n'.repeat(10_001)}`), 'REPLAY_TOO_MANY_BAD_LINES'],
    ]
    for (const [file, code] of cases)
      await expect(source(file, { all: true }).run(new AbortController().signal), file).rejects.toMatchObject(
        { code },
      )
    expect(() => source('x.csv', { speed: 0 })).toThrow('speed')
    expect(() => source('x.csv', { historyUntil: 'soon' })).toThrow('local time')
  })
})
