import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { say } from '../core/contracts/sayings.ts'
import { openEmbeddedLog } from '../core/log/embedded/open-embedded-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { beatProcessor, watchProcessors, wordOf } from './processor-heartbeat.ts'

const WORD = { run: 'r1', backlog: 0, verifying: false }

it('tells another process of a processor by code and sentence, and that there is none', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-heartbeat-'))
  const log = await openEmbeddedLog({ folder })
  const watch = watchProcessors(log, systemClock, silentLogger)
  const ends: (() => Promise<void>)[] = [watch.stop]
  const isTold = (health: object) => expect.poll(watch.health, { timeout: 10_000 }).toEqual(health)
  try {
    const gone = { code: 'processor.gone', message: 'processor not running; start one with: revwall process' }
    expect(watch.health()).toEqual({ processor: 'halted', ...gone })
    let now: ReturnType<typeof wordOf> = wordOf(undefined)
    const end = beatProcessor({ log, clock: systemClock, logger: silentLogger, now: () => now })
    ends.unshift(end)
    const waiting = { code: 'processor.waiting', message: 'waiting for ClickHouse' }
    await isTold({ processor: 'recovering', ...waiting })
    const why = 'orders/0: the log ends before 42'
    now = { ...WORD, state: 'halted', message: why, code: 'LOG_ENDS_BEFORE_MARK' }
    await isTold({ processor: 'halted', message: why, code: 'LOG_ENDS_BEFORE_MARK' })
    now = { ...WORD, state: 'recovering', ...say('replay.pass', { pass: 2, speed: 60 }) }
    await isTold({
      ...{ processor: 'recovering', message: 'pass 2, 60×', code: 'replay.pass' },
      params: { pass: 2, speed: 60 },
    })
    now = { ...WORD, state: 'running', message: '' }
    await isTold({ processor: 'running', message: '' })
  } finally {
    for (const end of ends) await end()
    await log.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
