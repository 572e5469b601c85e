import {
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NewRecord } from '../event-log.ts'
import { openEmbeddedLog } from './open-embedded-log.ts'
import { temporaryFolder } from './testing/child.ts'

const NO_LIMIT = { maxRecords: 10_000, maxBytes: 1e9 }

describe('a damaged log', () => {
  let folder: string
  let data: string
  beforeEach(async () => {
    folder = temporaryFolder()
    data = join(folder, 'data.mdb')
    await fill(folder)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('names the place of a chunk that does not match its checksum, and reads the others', async () => {
    const bytes = readFileSync(data)
    const at = bytes.indexOf('record-1-7')
    expect(at).toBeGreaterThan(0)
    overwrite(data, at, 'RECORD')
    const log = await openEmbeddedLog({ folder })
    await expect(log.read('orders', 1, 7, NO_LIMIT)).rejects.toMatchObject({
      code: 'LOG_CORRUPT',
      message: expect.stringMatching(/orders.*partition 1.*offset 7/),
    })
    expect(await log.read('orders', 1, 8, NO_LIMIT)).toHaveLength(12)
    expect(await log.read('orders', 0, 0, NO_LIMIT)).toHaveLength(20)
    await log.close()
  })

  it('reads the sound records before a corrupt chunk, then names it', async () => {
    overwrite(data, readFileSync(data).indexOf('record-1-7'), 'RECORD')
    const log = await openEmbeddedLog({ folder })
    expect(await log.read('orders', 1, 0, NO_LIMIT)).toHaveLength(7)
    await expect(log.read('orders', 1, 7, NO_LIMIT)).rejects.toMatchObject({ code: 'LOG_CORRUPT' })
    await log.close()
  })

  it.each([0.9, 0.5, 0.1])('is refused when its file is cut off at %f, and stays as it is', async (part) => {
    const size = Math.floor(statSync(data).size * part)
    truncateSync(data, size)
    await expectRefusal(folder, 'cut off')
    expect(statSync(data).size).toBe(size)
  })

  it.each([
    ['in the first page', 1000, 'cut off'],
    ['after the first page', 4096, 'cut off'],
    ['at nothing', 0, 'missing or empty'],
  ])('is refused when its file is cut off %s', async (_where, size, words) => {
    truncateSync(data, size)
    await expectRefusal(folder, words)
  })

  it('is refused when its file is garbage or missing', async () => {
    writeFileSync(data, Buffer.alloc(100_000, 'garbage'))
    await expectRefusal(folder, 'not an LMDB file')
    writeFileSync(data, Buffer.alloc(100_000))
    await expectRefusal(folder, 'not an LMDB file')
    rmSync(data)
    await expectRefusal(folder, 'missing or empty')
  })

  it('is refused when the data file is of another log', async () => {
    const other = temporaryFolder()
    await fill(other)
    copyFileSync(join(other, 'data.mdb'), data)
    await expectRefusal(folder, 'another log')
    rmSync(other, { recursive: true })
  })

  it('opens a file that is shorter than LMDB says, when the pages it lacks are free', async () => {
    const log = await openEmbeddedLog({ folder })
    for (const partition of [0, 1]) await log.trim('orders', partition, 20)
    // These transactions move what is in use to the pages that became free, so that the end of the file is unused.
    for (let n = 0; n < 30; n++) await log.commit('g', 'orders', 0, n)
    await log.close()
    truncateSync(data, statSync(data).size - 30 * 4096)
    const again = await openEmbeddedLog({ folder })
    expect(await again.bounds('orders', 1)).toEqual({ first: 20, next: 20 })
    await again.append('orders', [record(1, 0)])
    expect(await again.read('orders', 1, 20, NO_LIMIT)).toHaveLength(1)
    await again.close()
  })
})

/** Large records, so that the file is cut inside its data, and small ones in leaf pages. */
async function fill(folder: string): Promise<void> {
  const log = await openEmbeddedLog({ folder })
  await log.ensureTopic('orders', { partitions: 2, retentionMs: Number.POSITIVE_INFINITY })
  for (let n = 0; n < 20; n++) await log.append('orders', [record(0, n), record(1, n)])
  await log.close()
}

function record(partition: number, n: number): NewRecord {
  const value = Buffer.from(`record-${partition}-${n} ${'x'.repeat(n % 2 ? 20_000 : 10)}`)
  return { partition, key: 'k', value, contentType: 'application/json' }
}

function overwrite(path: string, at: number, text: string): void {
  const fd = openSync(path, 'r+')
  writeSync(fd, text, at)
  closeSync(fd)
}

async function expectRefusal(folder: string, words: string): Promise<void> {
  const opening = openEmbeddedLog({ folder })
  await expect(opening).rejects.toMatchObject({
    code: 'LOG_CORRUPT',
    message: expect.stringContaining(words),
  })
}
