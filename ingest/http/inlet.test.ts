import { describe, expect, test } from 'vitest'
import type { OrderFact } from '../../core/contracts/events.ts'
import type { EventLog, NewRecord } from '../../core/log/event-log.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { createLogger } from '../../core/runtime/logger.ts'
import { createInlet } from './inlet.ts'
import { judgeEvent } from './judge-event.ts'
import { IDLE_PROGRESS_INTERVAL_MS, MAX_SOURCES, SILENT_FOR_MS } from './limits.ts'
import { createSourceBook, type PushedSource } from './source-book.ts'
import { sampleOrder } from './testing/open-door.ts'

const PARTITIONS = 3
const START_MS = Date.UTC(2026, 0, 1)

/** A second passes with each wait of the inlet; `at` is what happens before it. */
function world(
  seconds: number,
  at: (second: number, inlet: ReturnType<typeof createInlet>) => Promise<void>,
) {
  let nowMs = START_MS
  let full = false
  let second = 0
  const fill = (is: boolean) => {
    full = is
  }
  const lines: string[] = []
  const appended: { second: number; records: readonly NewRecord[] }[] = []
  const stop = new AbortController()
  const append = async (_topic: string, records: readonly NewRecord[]) => {
    if (full) throw new RevwallError('LOG_FULL', 'full')
    appended.push({ second, records })
    return []
  }
  const log = { append, partitions: () => PARTITIONS } as unknown as EventLog
  const clock = {
    now: () => nowMs,
    sleep: async (ms: number) => {
      await at(second, inlet)
      nowMs += ms
      second++
      if (second >= seconds) stop.abort()
    },
  }
  const logger = createLogger({ level: 'info', json: false, write: (line) => lines.push(line) })
  const inlet = createInlet({ log, clock, logger })
  return { run: () => inlet.run(stop.signal), appended, lines, fill }
}

function push(inlet: ReturnType<typeof createInlet>, source = 'shop') {
  const fact = judgeEvent(sampleOrder('a', { source }), 'acme', Date.now()) as OrderFact
  return inlet.append([inlet.encode(fact)], [{ tenant: 'acme', source, role: 'sale' }])
}

const progressIn = (records: readonly NewRecord[]) =>
  records.filter(({ value }) => Buffer.from(value).includes('source.progress'))

describe('progress', () => {
  test('stands behind the facts, in every partition, in the same append', async () => {
    const { run, appended } = world(1, (_second, inlet) => push(inlet))
    await run()
    const [{ records } = { records: [] }] = appended
    expect(records.map(({ key }) => key)).toEqual(['acme/shop/a', ...Array(PARTITIONS).fill('acme/shop')])
    expect(records.slice(1).map(({ partition }) => partition)).toEqual([0, 1, 2])
    expect(JSON.parse(String(Buffer.from(records[1]!.value)))).toMatchObject({
      mode: 'live',
      upTo: new Date(START_MS).toISOString(),
      polledAt: new Date(START_MS).toISOString(),
    })
  })

  test('is told once a second at most, and what came after it is owed', async () => {
    const { run, appended } = world(2, async (second, inlet) => {
      if (second === 0) for (let i = 0; i < 10; i++) await push(inlet)
    })
    await run()
    const told = appended.map(({ second, records }) => [second, progressIn(records).length])
    expect(told.filter(([, count]) => count! > 0)).toEqual([
      [0, PARTITIONS],
      [1, PARTITIONS],
    ])
  })

  test('goes on while nothing comes, for a day: quiet is not stale', async () => {
    const day = SILENT_FOR_MS / 1_000
    const { run, appended } = world(day + 100, async (second, inlet) => {
      if (second === 0) await push(inlet)
    })
    await run()
    const idle = appended.slice(1).map(({ second }) => second)
    expect(idle[0]).toBe(IDLE_PROGRESS_INTERVAL_MS / 1_000)
    expect(idle.length).toBe(day / (IDLE_PROGRESS_INTERVAL_MS / 1_000))
    expect(idle.at(-1)).toBe(day)
  })

  test('waits for a full log, is said to wait once, and comes when there is space', async () => {
    const parts = world(30, async (second, inlet) => {
      if (second === 0) await push(inlet)
      if (second === 1) parts.fill(true)
      if (second === 20) parts.fill(false)
    })
    await parts.run()
    expect(parts.lines).toHaveLength(1)
    expect(parts.appended.map(({ second }) => second)).toEqual([0, 21, 26])
  })
})

describe('the book of sources', () => {
  const source = (n: number): PushedSource => ({ tenant: 'acme', source: `s${n}`, role: 'sale' })

  test('forgets the one that was silent for the longest when it is full', () => {
    const book = createSourceBook()
    for (let n = 0; n < MAX_SOURCES; n++) book.note([source(n)], [], 0)
    book.note([source(0)], [], 1)
    book.note([source(MAX_SOURCES)], [], 2)
    const known = book.due(10_000).map((one) => one.source)
    expect(known).toHaveLength(MAX_SOURCES)
    expect(known).toContain('s0')
    expect(known).not.toContain('s1')
  })
})
