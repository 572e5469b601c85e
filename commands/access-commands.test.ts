/** `revwall users`, `screens` and `shares`, on a folder that a wall has open. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Access, openAccess } from '../api/auth/access.ts'
import { verifyPassword } from '../api/auth/hash-password.ts'
import { askForCode, askForScreen } from '../api/auth/screens.ts'
import { openShare } from '../api/auth/shares.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { judgeConfig } from '../core/runtime/env.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import type { Command } from './command.ts'
import { screens } from './screens.ts'
import { shares } from './shares.ts'
import { usersCommand } from './users.ts'

let folder: string
let access: Access
let typed = 'a good password'
const users = usersCommand(async () => typed)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'revwall-users-'))
  const { config } = judgeConfig({ REVWALL_DATA: folder })
  access = openAccess({ ...config.access, dataFolder: folder, clock: systemClock, logger: silentLogger })
})
afterEach(async () => {
  await access.close()
  rmSync(folder, { recursive: true, force: true })
})

async function run(command: Command, ...args: string[]): Promise<string> {
  const printed: string[] = []
  const judged = judgeConfig({ REVWALL_DATA: folder, REVWALL_ORIGINS: 'https://wall.example.com' })
  const { signal } = new AbortController()
  const print = (line: string) => void printed.push(line)
  const context = { config: judged.config, judged, logger: silentLogger, args, print, signal }
  expect(await command.run(context)).toBe(0)
  return printed.join('\n')
}

const TENANT = ['--tenant', 'online-retail']
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('the first user makes a running wall want logins; a password changes; the last one leaves it locked', async () => {
  expect(await run(users, 'list')).toContain('There are no users')
  expect(access.areLoginsWanted()).toBe(false)
  expect(await run(users, 'add', 'ana', '--role', 'admin', ...TENANT)).toBe('ana is admin of online-retail.')
  await pause(300)
  expect(access.areLoginsWanted()).toBe(true)
  const first = access.users.find('ana')!
  expect(await verifyPassword(typed, first.password)).toBe(true)
  expect(statSync(join(folder, 'users.json')).mode & 0o777).toBe(0o600)
  expect(await run(users, 'list')).toMatch(/^ana {2}admin {2}online-retail {2}password of \S+Z$/)
  typed = 'another password'
  await run(users, 'passwd', 'ana')
  await pause(300)
  expect(await verifyPassword(typed, access.users.find('ana')!.password)).toBe(true)
  expect(readFileSync(join(folder, 'users.json'), 'utf8')).not.toMatch(/good password|another password/)
  await run(users, 'remove', 'ana')
  await pause(300)
  expect([access.users.find('ana'), access.areLoginsWanted()]).toEqual([undefined, true])
})

test('a screen is let in by its code, listed and revoked, and the wall that is open knows', async () => {
  const of = { access, clock: systemClock }
  const { code, secret } = askForCode(of, '10.0.0.7')
  const id = /^Screen (\w+) shows/.exec(await run(screens, 'approve', code, '--name', 'Hall', ...TENANT))![1]!
  expect(askForScreen(of, { code, secret })?.state).toBe('approved')
  expect(await run(screens, 'list')).toMatch(
    new RegExp(`^${id}  online-retail  since \\S+  seen never  Hall$`),
  )
  const before = access.state()
  await run(screens, 'revoke', id)
  expect(access.state()).not.toBe(before)
  expect(await run(screens, 'list')).toContain('There are no screens')
})

test('a link is made, told once, listed and revoked', async () => {
  const of = { access, clock: systemClock }
  const printed = await run(shares, 'add', '--name', 'Board', '--days', '2', ...TENANT)
  const token = /^https:\/\/wall\.example\.com\/share#(\S+)\n/.exec(printed)![1]!
  expect(openShare(of, token)).toBeDefined()
  const listed = await run(shares, 'list')
  expect(listed).toMatch(/^\w+ {2}online-retail {2}until \S+ {2}used never {2}Board$/)
  expect(listed).not.toContain(token.split('_')[1])
  await run(shares, 'revoke', token.split('_')[0]!)
  expect(openShare(of, token)).toBeUndefined()
})

test.each<[Command, string[], string, RegExp]>([
  [users, [], 'BAD_USAGE', /add, list, passwd or remove/],
  [users, ['add', 'Ana!', '--role', 'viewer', ...TENANT], 'BAD_USAGE', /lower-case/],
  [users, ['add', 'ana', '--role', 'root', ...TENANT], 'BAD_USAGE', /viewer, operator, admin, not root/],
  [users, ['add', 'ana', '--role', 'viewer'], 'BAD_USAGE', /--tenant is wanted: online-retail/],
  [users, ['add', 'ana', '--role', 'viewer', '--tenant', 'x'], 'UNKNOWN_TENANT', /x/],
  [users, ['passwd', 'ana'], 'UNKNOWN_USER', /no user ana/],
  [users, ['remove', 'ana'], 'UNKNOWN_USER', /no user ana/],
  [screens, ['approve', 'AAAAAA', '--name', 'x', ...TENANT], 'UNKNOWN_CODE', /No screen shows/],
  [screens, ['approve', 'AAAAAA', ...TENANT], 'BAD_USAGE', /--name is wanted/],
  [screens, ['revoke', 'x'], 'UNKNOWN_SCREEN', /revwall screens list/],
  [shares, ['add', '--name', 'x', '--days', '91', ...TENANT], 'BAD_USAGE', /at most 90/],
  [shares, ['revoke', 'x'], 'UNKNOWN_SHARE', /revwall shares list/],
])('%o %j is refused with what to do', async (command, args, code, message) => {
  await expect(run(command, ...args)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})
