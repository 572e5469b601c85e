import { execFileSync } from 'node:child_process'
import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errorCode } from '../../runtime/errors.ts'
import type { EventLog, NewRecord } from '../event-log.ts'
import { openEmbeddedLog } from './open-embedded-log.ts'
import { temporaryFolder } from './testing/child.ts'

const DISK_BYTES = 4 * 1024 * 1024
const NO_LIMIT = { maxRecords: 1e6, maxBytes: 1e9 }
const canMount = tryMount()

// A machine that cannot mount may skip this at a desk; in CI it fails, by running.
describe.skipIf(!canMount && !process.env.CI)('a full disk', () => {
  let disk: string
  let folder: string
  let log: EventLog
  beforeEach(async () => {
    disk = mountDisk()
    folder = join(disk, 'log')
    log = await openLog(folder)
  })
  afterEach(async () => {
    await log.close()
    unmountDisk(disk)
  })

  it.each([100, 5_000, 60_000, 300_000])(
    'refuses an append of %i bytes whole, and keeps the others',
    async (bytes) => {
      // Small appends are many: most of the disk is taken from them, to save time.
      if (bytes < 1000) fillDisk(disk, 2 * 1024 * 1024)
      const written = await appendUntilFull(log, bytes)
      expect(written).toBeGreaterThan(3)
      await expectWritten(log, written)
      await log.close()
      log = await openLog(folder)
      await expectWritten(log, written)
    },
  )

  it('appends again when there is space again', async () => {
    const filler = fillDisk(disk, 1024 * 1024)
    const written = await appendUntilFull(log, 20_000)
    rmSync(filler)
    for (let n = 0; n < 10; n++) await log.append('orders', pair(written + n, 20_000))
    await expectWritten(log, written + 10)
  })

  it('appends again after a trim, though the file does not shrink', async () => {
    const written = await appendUntilFull(log, 20_000)
    fillDisk(disk, freeOf(disk))
    await useUpFreePages(log)
    await log.trim('orders', 0, written)
    await log.trim('orders', 1, written)
    for (let n = 0; n < 10; n++) await log.append('orders', pair(written + n, 20_000))
    expect(await log.bounds('orders', 0)).toEqual({ first: written, next: written + 10 })
  })

  it('judges appends of the same turn one by one', async () => {
    await appendUntilFull(log, 100_000)
    const { next } = await log.bounds('orders', 0)
    const large = log.append('orders', pair(0, 200_000)).catch(errorCode)
    const small = log.append('orders', pair(next, 10))
    expect(await large).toBe('LOG_FULL')
    expect(await small).toMatchObject([{ baseOffset: next }, { baseOffset: next }])
  })

  it('opens and reads, and refuses every kind of write, with no block left', async () => {
    const written = await appendUntilFull(log, 20_000)
    fillDisk(disk, freeOf(disk))
    const second = await openLog(folder)
    await expectWritten(second, written)
    const codes = new Set<unknown>()
    for (let n = 0; n < 200; n++) {
      const grow = Array.from({ length: 50 }, () => pair(n, 50)).flat()
      codes.add(await second.append('orders', grow).then(() => 'done', errorCode))
      codes.add(await second.commit(`g${n}`, 'orders', 0, n).then(() => 'done', errorCode))
    }
    expect([...codes].filter((code) => code !== 'done')).toEqual(['LOG_FULL'])
    await second.close()
  })

  it('refuses to open when its lock file is gone and cannot be made, rather than be killed by a write to its map', async () => {
    await log.close()
    rmSync(join(folder, 'data.mdb-lock'))
    fillDisk(disk, freeOf(disk))
    await expect(openLog(folder)).rejects.toMatchObject({ code: 'LOG_FULL' })
  })

  it('does not begin a log where there is no space', async () => {
    fillDisk(disk, freeOf(disk))
    await expect(openEmbeddedLog({ folder: join(disk, 'other') })).rejects.toMatchObject({ code: 'LOG_FULL' })
  })
})

async function openLog(folder: string): Promise<EventLog> {
  const log = await openEmbeddedLog({ folder })
  await log.ensureTopic('orders', { partitions: 2, retentionMs: Number.POSITIVE_INFINITY })
  return log
}

/** How many appends were acknowledged before the first that was refused. */
async function appendUntilFull(log: EventLog, bytes: number): Promise<number> {
  for (let n = 0; n < 100_000; n++) {
    try {
      await log.append('orders', pair(n, bytes))
    } catch (error) {
      expect(errorCode(error)).toBe('LOG_FULL')
      return n
    }
  }
  throw new Error('the disk never filled')
}

/** What is left inside the file: the reserve alone makes a trim possible then. */
async function useUpFreePages(log: EventLog): Promise<void> {
  const { next } = await log.bounds('orders', 0)
  for (let n = 0; ; n++) {
    const code = await log.commit(`g${n}`.padEnd(150), 'orders', 0, next).then(() => 'done', errorCode)
    if (code === 'LOG_FULL') return
  }
}

function pair(n: number, bytes: number): NewRecord[] {
  const value = Buffer.from(`${n}`.padEnd(bytes))
  return [0, 1].map((partition) => ({ partition, key: 'k', value, contentType: 'application/json' }))
}

async function expectWritten(log: EventLog, count: number): Promise<void> {
  for (const partition of [0, 1]) {
    const records = await log.read('orders', partition, 0, NO_LIMIT)
    expect(records.map(({ value }) => Number(Buffer.from(value).toString()))).toEqual(
      Array.from({ length: count }, (_, n) => n),
    )
  }
}

function mountDisk(): string {
  const disk = temporaryFolder()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk])
  return disk
}

function unmountDisk(disk: string): void {
  execFileSync('umount', [disk])
  rmSync(disk, { recursive: true })
}

function tryMount(): boolean {
  try {
    unmountDisk(mountDisk())
    return true
  } catch {
    return false
  }
}

function freeOf(disk: string): number {
  const { bavail, bsize } = statfsSync(disk)
  return bavail * bsize
}

function fillDisk(disk: string, bytes: number): string {
  const path = join(disk, 'filler')
  writeFileSync(path, Buffer.alloc(bytes))
  return path
}
