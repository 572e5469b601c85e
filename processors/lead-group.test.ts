import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TOPICS } from '../core/contracts/topics.ts'
import type { EventLog } from '../core/log/event-log.ts'
import { openTestLog } from '../core/log/testing/open-test-log.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { type Logger, silentLogger } from '../core/runtime/logger.ts'
import { leadGroup } from './lead-group.ts'

const folder = mkdtempSync(join(tmpdir(), 'revwall-lead-'))
let log: EventLog

beforeAll(async () => {
  log = await openTestLog(folder)
  await log.ensureTopic('committed-batches', TOPICS['committed-batches'])
})
afterAll(async () => {
  await log?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Resolves with what it complained of, once it worked so often. */
async function worked(times: number, given: EventLog, work: (nth: number) => void): Promise<unknown[]> {
  const complaints: unknown[] = []
  const logger: Logger = { ...silentLogger, warn: (_, fields) => void complaints.push(fields?.why) }
  const stopping = new AbortController()
  let nth = 0
  await leadGroup(
    { log: given, clock: systemClock, logger, signal: stopping.signal },
    `group-${times}`,
    'it is done later',
    async () => {
      nth += 1
      if (nth === times) stopping.abort()
      work(nth)
    },
  )
  return complaints
}

it('begins anew after what passes, and complains of the same thing once', async () => {
  const fail = (nth: number) => {
    if (nth < 3) throw new Error('away')
  }
  expect(await worked(3, log, fail)).toEqual(['away'])
})

it('waits for a log that cannot be joined at the start', async () => {
  let asked = 0
  const joining: EventLog = {
    ...log,
    incarnation: log.incarnation,
    join: (...args) => {
      asked += 1
      if (asked === 1) return Promise.reject(new RevwallError('LOG_UNREACHABLE', 'no broker'))
      return log.join(...args)
    },
  }
  expect(await worked(1, joining, () => {})).toEqual(['no broker'])
  expect(asked).toBe(2)
})
