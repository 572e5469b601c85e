import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TOPICS } from '../core/contracts/topics.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { openTestLog } from '../core/log/testing/open-test-log.ts'
import { type Clock, systemClock } from '../core/runtime/clock.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { leadLooks } from './lead-looks.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-looks-'))
let log: EventLog

beforeAll(async () => {
  log = await openTestLog(folder)
  await log.ensureTopic('committed-batches', TOPICS['committed-batches'])
})
afterAll(async () => {
  await log?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('looks again at once while there is more, waits when there is not, and opens anew after a failure', async () => {
  const stopping = new AbortController()
  const told: string[] = []
  const clock: Clock = {
    now: systemClock.now,
    sleep: async (ms) => void told.push(`waits ${ms}`),
  }
  const script = ['again', 'again', 'later', 'fails', 'stops']
  await leadLooks(
    { log, clock, logger: silentLogger, signal: stopping.signal },
    {
      ...{ group: 'looks', complaint: 'it is done later', intervalMs: 70 },
      open: async () => {
        told.push('opens')
        return script
      },
      look: async (left) => {
        const now = left.shift()
        told.push(now!)
        if (now === 'fails') throw new Error('away')
        if (now === 'stops') stopping.abort()
        return now === 'later' ? 'later' : 'again'
      },
      close: async () => void told.push('closes'),
    },
  )
  expect(told).toEqual([
    ...['opens', 'again', 'again', 'later', 'waits 70', 'fails', 'closes', 'waits 2000'],
    ...['opens', 'stops', 'closes'],
  ])
})

it('rests in proportion to what a look took, and not for ever', async () => {
  const stopping = new AbortController()
  const waited: number[] = []
  let nowMs = 0
  const clock: Clock = { now: () => nowMs, sleep: async (ms) => void waited.push(ms) }
  const script: [tookMs: number, next: 'again' | 'later'][] = [
    [100, 'again'],
    [20, 'later'],
    [300, 'later'],
    [60_000, 'again'],
    [0, 'again'],
  ]
  await leadLooks(
    { log, clock, logger: silentLogger, signal: stopping.signal },
    {
      ...{ group: 'rests', complaint: 'it is done later', intervalMs: 70, rest: (_, tookMs) => 3 * tookMs },
      open: async () => undefined,
      look: async () => {
        const [tookMs, next] = script.shift()!
        nowMs += tookMs
        if (script.length === 0) stopping.abort()
        return next
      },
    },
  )
  expect(waited).toEqual([300, 70, 900, 5_000])
})
