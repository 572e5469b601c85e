/** Real processes, killed without a word while they load and while they play. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { decodeOrdersEvent } from '../../../core/contracts/decode-event.ts'
import { encodeOrdersEvent } from '../../../core/contracts/encode-event.ts'
import { parseOrdersTopicEvent } from '../../../core/contracts/events.ts'
import type { OrderEventInput } from '../../../core/contracts/order.ts'
import type { EventLog } from '../../../core/log/event-log.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { readPieces } from './load-steps.ts'
import { createTimelineReader } from './read-timeline.ts'
import { createReplaySource } from './replay-source.ts'
import { SHIPPED_FILE, SHIPPED_TIME_ZONE } from './shipped-file.ts'
import { foldOrders, openTestLog, readOrders } from './testing/read-log.ts'

const CHILD = fileURLToPath(new URL('./testing/replay-child.ts', import.meta.url))
const LINES = 50_000
const UNTIL = '2010-12-20T00:00'
const settings = { tenant: 'demo', source: 'part', currency: 'GBP', timeZone: SHIPPED_TIME_ZONE }

/** Where the log must have grown to before the next kill, so that kills fall into the load and into the play. */
const KILLS_AT = [1, 150, 300, 550, 700]

it('loses nothing and sends nothing twice when it is killed again and again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-kill-'))
  const file = join(folder, 'part.csv')
  const lines = gunzipSync(readFileSync(SHIPPED_FILE)).toString('utf8').split('\n').slice(0, LINES)
  writeFileSync(file, lines.join('\n'))
  const log = await openTestLog(join(folder, 'log'))
  try {
    const modes: string[] = []
    for (const records of KILLS_AT) {
      await killAt(log, [join(folder, 'log'), file, UNTIL, '20000'], records)
      const last = (await readOrders(log))[0]!.findLast((event) => event.type === 'source.progress')
      modes.push(last?.type === 'source.progress' ? last.mode : '')
    }
    const killed = foldOrders((await readOrders(log)).flat())
    console.log(
      `killed in ${modes.join()}: ${killed.orders.size} orders are there, ${killed.repeated} came twice`,
    )
    expect(new Set(modes)).toEqual(new Set(['history', 'replay']))
    const clock = systemClock
    const common = { file, tenant: 'demo', timeZone: SHIPPED_TIME_ZONE, log, clock, logger: silentLogger }
    await createReplaySource({ ...common, all: true }).run(new AbortController().signal)
    const { orders, repeated } = foldOrders((await readOrders(log)).flat())
    const ofFirstPass = new Map([...orders].filter(([id]) => !id.startsWith('p')))
    expect(ofFirstPass).toEqual(await expectedOrders(file))
    expect(repeated).toBe(0)
  } finally {
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

async function killAt(log: EventLog, args: readonly string[], records: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    await grown(log, child, records)
  } finally {
    child.kill('SIGKILL')
    await exited
  }
  expect(child.signalCode).toBe('SIGKILL')
}

async function grown(log: EventLog, child: ChildProcess, records: number): Promise<void> {
  const before = (await log.bounds('orders', 0)).next
  const wanted = Math.max(records, before + 1)
  while ((await log.bounds('orders', 0)).next < wanted && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 3))
}

async function expectedOrders(file: string) {
  const reader = createTimelineReader({ ...settings, judgedAtMs: Date.now() })
  const events: OrderEventInput[] = []
  for await (const records of readPieces(file))
    events.push(...reader.push(records).steps.flatMap((step) => step.events))
  events.push(...reader.end().steps.flatMap((step) => step.events))
  // As the log gives them back: the compact form writes amounts its own way.
  const given = events.map((event) => decodeOrdersEvent(encodeOrdersEvent(event)))
  return foldOrders(given.map((event) => parseOrdersTopicEvent(event))).orders
}
