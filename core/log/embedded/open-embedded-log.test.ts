import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../runtime/clock.ts'
import type { EventLog, NewRecord } from '../event-log.ts'
import { MAX_TRIMMED_CHUNKS, MAX_WAITERS } from './limits.ts'
import { type EmbeddedLogOptions, openEmbeddedLog } from './open-embedded-log.ts'
import { startChild, temporaryFolder } from './testing/child.ts'

const NO_LIMIT = { maxRecords: 1e6, maxBytes: 1e9 }

describe('the embedded log', () => {
  let folder: string
  const handles: EventLog[] = []
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(async () => {
    for (const handle of handles.splice(0)) await handle.close()
    rmSync(folder, { recursive: true })
  })
  const open = async (options: Partial<EmbeddedLogOptions> = {}) => {
    const log = await openEmbeddedLog({ folder, ...options })
    handles.push(log)
    await log.ensureTopic('orders', { partitions: 2, retentionMs: 1000 })
    return log
  }

  it('has no gaps in its offsets, over chunks and appends', async () => {
    const log = await open()
    for (const count of [1, 3000, 2]) await log.append('orders', many(count, 100))
    const records = await log.read('orders', 0, 0, NO_LIMIT)
    expect(records.map(({ offset }) => offset)).toEqual(Array.from({ length: 3003 }, (_, n) => n))
  })

  it('stamps records with the clock it was given', async () => {
    const log = await open({ clock: { ...systemClock, now: () => 123.5 } })
    await log.append('orders', many(1, 1))
    expect((await log.read('orders', 0, 0, NO_LIMIT))[0]!.appendedAt).toBe(123.5)
  })

  it('grows beyond the address space reserved, in all handles and processes', async () => {
    const log = await open({ mapSizeBytes: 256 * 1024 })
    const second = await open({ mapSizeBytes: 256 * 1024 })
    const child = startChild('follow.ts', [folder, '0', '60'])
    for (let n = 0; n < 60; n++) {
      await (n % 2 ? log : second).append('orders', many(1, 100_000))
      expect(await second.read('orders', 0, n, NO_LIMIT)).toHaveLength(1)
    }
    expect(await log.read('orders', 0, 0, NO_LIMIT)).toHaveLength(60)
    child.process.kill('SIGKILL')
    await child.ended
  })

  it('finds records by polling when the wake-up is lost', async () => {
    const log = await open({ pollIntervalMs: 50 })
    const second = await open()
    rmSync(join(folder, 'wake'), { recursive: true })
    await delay(100)
    const waiting = log.waitForRecords('orders', new Map([[0, 0]]), 5000)
    await second.append('orders', many(1, 1))
    expect(await waiting).toBe(true)
  })

  it('refuses one waiter too many', async () => {
    const log = await open()
    const end = new Map([[0, 0]])
    const waiting = Array.from({ length: MAX_WAITERS }, () => log.waitForRecords('orders', end, 60_000))
    await expect(log.waitForRecords('orders', end, 60_000)).rejects.toMatchObject({
      code: 'LOG_TOO_MANY_WAITERS',
    })
    await log.append('orders', many(1, 1))
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([true]))
  })

  it('trims more chunks than one transaction removes, by offset and by age', async () => {
    let now = 0
    const log = await open({ clock: { ...systemClock, now: () => now } })
    const appends = Array.from({ length: 2 * MAX_TRIMMED_CHUNKS + 500 }, () =>
      log.append('orders', many(2, 1)),
    )
    await Promise.all(appends)
    await log.trim('orders', 0, 2 * MAX_TRIMMED_CHUNKS + 301)
    expect((await log.bounds('orders', 0)).first).toBe(2 * MAX_TRIMMED_CHUNKS + 301)
    now = 5000
    await log.append('orders', many(2, 1))
    await log.trimByAge(5500)
    expect(await log.bounds('orders', 0)).toEqual({ first: 2 * appends.length, next: 2 * appends.length + 2 })
    expect(await log.read('orders', 0, 2 * appends.length, NO_LIMIT)).toHaveLength(2)
  })

  it('reuses the pages of what was trimmed, while another handle stays open', async () => {
    const log = await open()
    const idle = await open()
    for (let n = 0; n < 60; n++) {
      const [{ baseOffset } = { baseOffset: 0 }] = await log.append('orders', many(4, 50_000))
      await idle.read('orders', 0, baseOffset, NO_LIMIT)
      await delay(1)
      await log.trim('orders', 0, baseOffset)
    }
    expect(statSync(join(folder, 'data.mdb')).size).toBeLessThan(4 * 1024 * 1024)
  })

  it('gives the partitions of a member whose handler hangs to others, and takes it back when it returns', async () => {
    const handlers = { onAssigned: () => {}, onRevoked: () => {} }
    const hang = new AbortController()
    const hangOnce = async () => {
      if (!hang.signal.aborted) await once(hang.signal, 'abort')
    }
    const log = await open({ sessionTimeoutMs: 400 })
    const hanging = await log.join('g', 'orders', {
      ...handlers,
      onRevoked: hangOnce,
    })
    const other = await (await open({ sessionTimeoutMs: 400 })).join('g', 'orders', handlers)
    expect(other.assigned()).toEqual([])
    await vi.waitFor(() => expect(other.assigned()).toEqual([0, 1]), { timeout: 30_000 })
    hang.abort()
    await vi.waitFor(() => expect([...hanging.assigned(), ...other.assigned()].sort()).toEqual([0, 1]))
    await other.leave()
    await vi.waitFor(() => expect(hanging.assigned()).toEqual([0, 1]), { timeout: 30_000 })
  })

  it('closes although a handler hangs', async () => {
    const log = await open({ sessionTimeoutMs: 100 })
    await log.join('g', 'orders', { onAssigned: () => {}, onRevoked: () => new Promise(() => {}) })
    await log.close()
    await expect(log.bounds('orders', 0)).rejects.toMatchObject({ code: 'LOG_CLOSED' })
  })

  it('is made once when several processes open it at the same time', async () => {
    const children = ['a', 'b', 'c'].map((name) => startChild('append-forever.ts', [folder, name, '5']))
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0])
    const log = await openEmbeddedLog({ folder })
    handles.push(log)
    expect(await log.bounds('orders', 2)).toEqual({ first: 0, next: 15 })
  })
})

function many(count: number, bytes: number): NewRecord[] {
  return Array.from({ length: count }, () => {
    return { partition: 0, key: 'k', value: Buffer.alloc(bytes, 'x'), contentType: 'application/json' }
  })
}
