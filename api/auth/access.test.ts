import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTestAccess, PASSWORD, type TestAccess } from '../testing/open-test-access.ts'
import { type Access, SCREEN_SESSION_MS, stampOf, USER_IDLE_MS, USER_SESSION_MS } from './access.ts'
import { approveScreen, askForCode, askForScreen, listScreens, PAIRING_MS, revokeScreen } from './screens.ts'
import { createShare, listShares, openShare, revokeShare } from './shares.ts'
import { hashOf, readCode } from './tokens.ts'

let now = Date.parse('2026-01-01T00:00:00Z')
const clock = { now: () => now, sleep: async () => {} }
let passes: TestAccess
let of: { access: Access; clock: typeof clock }
beforeEach(async () => {
  passes = openTestAccess({ clock })
  of = { access: passes.access, clock }
  await passes.addUser('ana', 'viewer', ['acme'])
  await passes.addUser('bob', 'viewer', ['acme'])
  now += 1_000
})
afterEach(() => passes.close())

function begin(name: string, access = passes.access): string {
  const stamp = stampOf(access.users.find(name)!)
  return hashOf(access.begin('user', name, { forMs: USER_SESSION_MS, stamp }).secret)
}

async function use(key: string): Promise<void> {
  passes.access.see(key, passes.access.find(key)!)
  await passes.access.store.settled()
}

describe('a session', () => {
  test('ends when it is not used, however it is used after its time, and when it is told to', async () => {
    const [idle, used, ended] = [begin('ana'), begin('ana'), begin('ana')]
    passes.access.end(ended)
    expect(passes.access.find(ended)).toBeUndefined()
    for (let hours = 0; hours < 14 * 24; hours += 12) {
      await use(used)
      now += USER_IDLE_MS / 2
    }
    expect(passes.access.find(idle)).toBeUndefined()
    expect(passes.access.find(used)).toBeUndefined()
  })

  test('in use lives on beyond the idle limit', async () => {
    const used = begin('ana')
    now += USER_IDLE_MS - 1
    await use(used)
    now += USER_IDLE_MS - 1
    expect(passes.access.find(used)).toMatchObject({ kind: 'user', of: 'ana' })
    now += 2
    expect(passes.access.find(used)).toBeUndefined()
  })

  test('of a user is over when the password changes, and others stay', async () => {
    const [ana, bob] = [begin('ana'), begin('bob')]
    const before = passes.access.state()
    await passes.addUser('ana', 'viewer', ['acme'], 'another password')
    now += 1_000
    expect(passes.access.state()).not.toBe(before)
    expect(passes.access.find(ana)).toBeUndefined()
    expect(passes.access.find(bob)).toBeDefined()
  })

  test('holds at another process, ends there, and outlives a restart', () => {
    const key = begin('ana')
    const another = passes.another()
    expect(another.store.id).toBe(passes.access.store.id)
    expect(another.find(key)).toBeDefined()
    const before = passes.access.state()
    another.end(key)
    expect(passes.access.find(key)).toBeUndefined()
    expect(passes.access.state()).not.toBe(before)
  })

  test('of the least recent use ends when somebody has too many; a screen keeps its own', () => {
    const { code } = askForCode(of, 'a')
    const screen = approveScreen(of, { code, name: 'hall', tenant: 'acme', by: 'x' })
    const tv = hashOf(passes.access.begin('screen', screen.id, { forMs: SCREEN_SESSION_MS }).secret)
    const first = begin('bob')
    const keys = Array.from({ length: 52 }, () => {
      now += 1
      return begin('ana')
    })
    expect(keys.filter((key) => passes.access.find(key) !== undefined)).toEqual(keys.slice(2))
    expect(passes.access.find(first)).toBeDefined()
    expect(passes.access.find(tv)).toBeDefined()
  })

  test('leaves no secret and no password on the disk', () => {
    const { secret } = passes.access.begin('user', 'ana', { forMs: 1_000_000 })
    const waiting = askForCode(of, 'a')
    const { token } = createShare(of, { name: 'x', tenant: 'acme', days: 1, by: 'x' })
    const bytes = readFileSync(join(passes.folder, 'access', 'data.mdb')).toString('latin1')
    expect(bytes).toContain(hashOf(secret))
    for (const hidden of [secret, waiting.secret, token.slice(token.indexOf('_') + 1)])
      expect(bytes).not.toContain(hidden)
    expect(readFileSync(passes.usersFile, 'utf8')).not.toContain(PASSWORD)
    expect(statSync(passes.usersFile).mode & 0o777).toBe(0o600)
    expect(statSync(join(passes.folder, 'access')).mode & 0o777).toBe(0o700)
  })
})

describe('a TV', () => {
  test('has its screen by the code that somebody typed, once', async () => {
    const { code, secret } = askForCode(of, '10.0.0.7')
    expect(askForScreen(of, { code, secret })).toMatchObject({ state: 'waiting' })
    const typed = ` ${code.slice(0, 3)}-${code.slice(3)} `.toLowerCase()
    expect(readCode(typed)).toBe(code)
    const screen = approveScreen(of, { code: typed, name: 'Hall', tenant: 'acme', by: 'adam' })
    expect(screen).toMatchObject({ name: 'Hall', address: '10.0.0.7', approvedBy: 'adam', seenAt: null })
    expect(() => approveScreen(of, { code, name: 'Bar', tenant: 'zebra', by: 'x' })).toThrow(
      'No screen shows',
    )
    expect(askForScreen(of, { code, secret: 'x' })).toBeUndefined()
    const approved = askForScreen(of, { code, secret })
    expect(approved?.state).toBe('approved')
    expect(askForScreen(of, { code, secret })).toBeUndefined()
    const key = hashOf((approved as { secret: string }).secret)
    await use(key)
    expect(listScreens(of, ['acme'])).toMatchObject([{ name: 'Hall', seenAt: new Date(now).toISOString() }])
    expect(listScreens(of, ['zebra'])).toEqual([])
    now += SCREEN_SESSION_MS - 1_000
    expect(passes.access.find(key)).toBeDefined()
    expect(revokeScreen(of, screen.id, ['zebra'])).toBe(false)
    expect(revokeScreen(of, screen.id, ['acme'])).toBe(true)
    expect(passes.access.find(key)).toBeUndefined()
  })

  test('has no screen by a code that is ten minutes old, whoever asks', () => {
    const { code, secret } = askForCode(of, 'a')
    now += PAIRING_MS
    expect(askForScreen(of, { code, secret })).toBeUndefined()
    expect(() => approveScreen(of, { code, name: 'x', tenant: 'acme', by: 'x' })).toThrow('No screen shows')
  })

  test('that was revoked before it asked again has none', () => {
    const { code, secret } = askForCode(of, 'a')
    const { id } = approveScreen(of, { code, name: 'x', tenant: 'acme', by: 'x' })
    revokeScreen(of, id, ['acme'])
    expect(askForScreen(of, { code, secret })).toBeUndefined()
  })

  test('cannot take all codes', () => {
    for (let i = 0; i < 10; i++) askForCode(of, 'a')
    expect(() => askForCode(of, 'a')).toThrow('Too many screens')
    for (let i = 0; i < 190; i++) askForCode(of, `b${i}`)
    expect(() => askForCode(of, 'c')).toThrow('Too many screens')
    now += PAIRING_MS
    expect(askForCode(of, 'a').code).toMatch(/^[A-Z0-9]{6}$/)
  })
})

describe('a link', () => {
  test('opens until it expires, or is revoked, and what it opened with it', () => {
    const one = createShare(of, { name: 'Board', tenant: 'acme', days: 7, by: 'adam' })
    const two = createShare(of, { name: 'Press', tenant: 'acme', days: 8, by: 'adam' })
    const keys = [one, two].map(({ token }) => hashOf(openShare(of, token)!.secret))
    const wrong = [one.token.slice(0, -1), `${two.share.id}_${one.token.split('_')[1]}`, '', '__proto__']
    for (const token of wrong) expect(openShare(of, token)).toBeUndefined()
    expect(listShares(of, ['acme'])).toHaveLength(2)
    expect(listShares(of, ['zebra'])).toEqual([])
    now += 7 * 86_400_000
    expect(openShare(of, one.token)).toBeUndefined()
    expect(keys.map((key) => passes.access.find(key) !== undefined)).toEqual([false, true])
    expect(revokeShare(of, two.share.id, ['zebra'])).toBe(false)
    expect(revokeShare(of, two.share.id, ['acme'])).toBe(true)
    expect(openShare(of, two.token)).toBeUndefined()
    expect(passes.access.find(keys[1]!)).toBeUndefined()
  })
})

describe('the file of users', () => {
  test('shuts everybody out when it is gone, and leaves in who was there when it is bad', () => {
    const key = begin('ana')
    writeFileSync(passes.usersFile, '{')
    now += 1_000
    expect(passes.access.find(key)).toBeDefined()
    rmSync(passes.usersFile)
    now += 1_000
    expect(passes.access.find(key)).toBeUndefined()
    expect(passes.access.areLoginsWanted()).toBe(true)
  })

  test('that is bad at the start is told, and lets nobody in by default', () => {
    writeFileSync(passes.usersFile, '{"version":1,"users":[{"name":"ana","role":"root"}]}')
    expect(() => passes.another()).toThrow('cannot be read')
  })

  test('is wanted from the moment that it is there', async () => {
    const open = openTestAccess({ clock, wanted: false })
    try {
      expect(open.access.areLoginsWanted()).toBe(false)
      await open.addUser('ana', 'viewer', ['acme'])
      now += 1_000
      expect(open.access.areLoginsWanted()).toBe(true)
    } finally {
      await open.close()
    }
  })
})
