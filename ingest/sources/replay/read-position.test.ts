import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventLog } from '../../../core/log/event-log.ts'
import { systemClock } from '../../../core/runtime/clock.ts'
import { silentLogger } from '../../../core/runtime/logger.ts'
import { jsonRecord } from './encode-records.ts'
import { createFeed, type Feed, progressKey } from './feed.ts'
import { formatPosition, type Position, parsePosition } from './position.ts'
import { readPosition } from './read-position.ts'
import { openTestLog } from './testing/read-log.ts'

const KEY = progressKey('demo', 'shop')
const position: Position = {
  fileName: 'shop.csv',
  fileHash: '0123456789abcdef',
  timeZone: 'Europe/London',
  untilLocalMs: Date.UTC(2011, 10, 1),
  judgedAtMs: Date.UTC(2026, 0, 1),
  pass: 1,
  next: 7,
  letters: 2,
}

let folder: string
let log: EventLog
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-position-'))
  log = await openTestLog(folder)
})
afterEach(async () => {
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

function feedOn(to: EventLog): Feed {
  const common = { clock: systemClock, logger: silentLogger, tenant: 'demo', source: 'shop', speed: 60 }
  return createFeed({ ...common, log: to, position, upToMs: undefined, patient: false })
}

const send = (feed: Feed, pass: number, next: number) =>
  feed.send({ upToMs: 1.3e12, mode: 'replay', pass, next })

describe('the position of a replay', () => {
  it('is none in a log that does not know the source', async () => {
    expect(await readPosition(log, 'orders', KEY)).toBeUndefined()
  })

  it('is found behind any number of records of others', async () => {
    await send(feedOn(log), 2, 9)
    const other = jsonRecord(0, 'demo/other/1', { type: 'order' })
    for (const partition of [0, 1, 2, 3])
      await log.append(
        'orders',
        Array.from({ length: 6_000 }, () => ({ ...other, partition })),
      )
    const found = await readPosition(log, 'orders', KEY)
    expect(found).toEqual({ position: { ...position, pass: 2, next: 9 }, upToMs: 1.3e12 })
  })

  it('is the least one when an append was taken by some partitions only', async () => {
    const half: EventLog['append'] = (topic, records) =>
      log.append(
        topic,
        records.filter(({ partition }) => partition < 2),
      )
    const torn = new Proxy(log, {
      get: (target, name) => (name === 'append' ? half : Reflect.get(target, name)),
    })
    await send(feedOn(torn), 1, 8)
    expect(await readPosition(log, 'orders', KEY)).toBeUndefined()
    await send(feedOn(log), 1, 9)
    await send(feedOn(torn), 2, 3)
    expect((await readPosition(log, 'orders', KEY))?.position).toMatchObject({ pass: 1, next: 9 })
  })

  it('survives its note whatever the file is called, within 500 characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 255 }), (fileName) => {
        const note = formatPosition({ ...position, fileName })
        expect(note.length).toBeLessThanOrEqual(500)
        expect(parsePosition(note)).toMatchObject({ fileHash: position.fileHash, next: 7, letters: 2 })
      }),
    )
    expect(() => parsePosition('hello')).toThrow('no replay wrote')
  })
})
