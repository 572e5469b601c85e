import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../core/runtime/clock.ts'
import { createLogger } from '../../core/runtime/logger.ts'
import { createApiKey, hashKey, keyId } from './api-key.ts'
import { openKeyBook } from './key-book.ts'
import { changeKeys, keyFilePath, readKeys } from './key-file.ts'

let folder: string
let path: string
let nowMs: number
let lines: string[]
const clock: Clock = { ...systemClock, now: () => nowMs }
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-keys-'))
  path = keyFilePath(folder)
  nowMs = 0
  lines = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function openBook() {
  const logger = createLogger({ level: 'info', json: false, write: (line) => lines.push(line) })
  return openKeyBook({ path, clock, logger })
}

async function add(tenant: string) {
  const { id, key } = createApiKey()
  const stored = {
    id,
    tenant,
    name: '',
    hash: hashKey(key),
    createdAt: new Date().toISOString(),
    revokedAt: null,
  }
  await changeKeys(path, systemClock, (all) => [...all, stored])
  return { id, key }
}

const revoke = (id: string) =>
  changeKeys(path, systemClock, (all) =>
    all.map((key) => (key.id === id ? { ...key, revokedAt: new Date().toISOString() } : key)),
  )

describe('keys', () => {
  test('are told by their form', () => {
    const { id, key } = createApiKey()
    expect(key).toMatch(/^rvw_[0-9A-Za-z]{8}_[0-9A-Za-z]{32}$/)
    expect(keyId(key)).toBe(id)
    for (const none of ['', 'rvw_', key.slice(1), `${key}x`, `${key}\n`, key.replaceAll('_', '-')])
      expect(keyId(none)).toBeUndefined()
  })

  test('are kept as hashes, for their owner’s eyes, and nothing lies around', async () => {
    const { key } = await add('acme')
    const text = readFileSync(path, 'utf8')
    expect(text).not.toContain(key.slice(-32))
    expect(text).toContain(hashKey(key))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['ingest-keys.json'])
  })

  test('that are made at the same time are all there', async () => {
    await Promise.all(Array.from({ length: 8 }, () => add('acme')))
    expect(readKeys(path)).toHaveLength(8)
  })
})

describe('the book', () => {
  test('finds the tenant of a key, and nothing for a key that differs in one letter', async () => {
    const { id, key } = await add('acme')
    const book = openBook()
    expect(book.find(key)).toEqual({ id, tenant: 'acme' })
    const other = key.endsWith('a') ? 'b' : 'a'
    for (const wrong of [`${key.slice(0, -1)}${other}`, createApiKey().key, '', key.slice(0, -1)])
      expect(book.find(wrong)).toBeUndefined()
  })

  test('sees new and revoked keys within a second', async () => {
    const book = openBook()
    expect(book.find('')).toBeUndefined()
    const { id, key } = await add('acme')
    expect(book.find(key)).toBeUndefined()
    nowMs += 1_000
    expect(book.find(key)).toEqual({ id, tenant: 'acme' })
    await revoke(id)
    nowMs += 1_000
    expect(book.find(key)).toBeUndefined()
  })

  test('keeps what it knew when the file goes bad, and says so once', async () => {
    const { id, key } = await add('acme')
    const book = openBook()
    expect(book.find(key)?.id).toBe(id)
    writeFileSync(path, '{"version":1,"keys":[{}]}')
    for (let i = 0; i < 3; i++) {
      nowMs += 1_000
      expect(book.find(key)?.id).toBe(id)
    }
    expect(lines.filter((line) => line.includes(path))).toHaveLength(1)
  })

  test('that never could be read is no reason to send somebody away for good', () => {
    writeFileSync(path, 'not JSON')
    expect(() => openBook().find('')).toThrow(expect.objectContaining({ code: 'KEYS_UNAVAILABLE' }))
  })
})
