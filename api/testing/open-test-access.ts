/** Users, screens and shares of a temporary folder, for tests: passwords are hashed in no time, which nobody else should do. */
import { randomBytes, scryptSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Role } from '../../core/contracts/access.ts'
import { type Clock, systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { type Access, openAccess, SCREEN_SESSION_MS, stampOf, USER_SESSION_MS } from '../auth/access.ts'
import { approveScreen, askForCode } from '../auth/screens.ts'
import { createShare } from '../auth/shares.ts'
import { changeUsers } from '../auth/user-file.ts'

export const PASSWORD = 'correct horse battery'

export interface TestAccess {
  access: Access
  folder: string
  usersFile: string
  addUser(name: string, role: Role, tenants: readonly string[], password?: string): Promise<void>
  /** The header of a session of each kind, made without its door. */
  userCookie(name: string): { cookie: string }
  screenCookie(tenant: string): { cookie: string; id: string }
  shareCookie(tenant: string, days?: number): { cookie: string; id: string; token: string }
  /** Another process on the same folder. */
  another(): Access
  close(): Promise<void>
}

export function openTestAccess(options: { clock?: Clock; wanted?: boolean } = {}): TestAccess {
  const { clock = systemClock, wanted = true } = options
  const folder = mkdtempSync(join(tmpdir(), 'revwall-access-'))
  const usersFile = join(folder, 'users.json')
  const open = () =>
    openAccess({ dataFolder: folder, usersFile, usersWanted: wanted, clock, logger: silentLogger })
  const access = open()
  const others: Access[] = []
  const cookieOf = (secret: string) => `revwall_${access.store.id}=${secret}`
  const of = { access, clock }
  return {
    access,
    folder,
    usersFile,
    async addUser(name, role, tenants, password) {
      const changedAt = new Date().toISOString()
      const user = { name, role, tenants: [...tenants], password: cheapHash(password ?? PASSWORD), changedAt }
      await changeUsers(usersFile, clock, (all) => [...all.filter((each) => each.name !== name), user])
    },
    userCookie(name) {
      const user = access.users.find(name)
      if (user === undefined) throw new Error(`no user ${name}`)
      const { secret } = access.begin('user', name, { forMs: USER_SESSION_MS, stamp: stampOf(user) })
      return { cookie: cookieOf(secret) }
    },
    screenCookie(tenant) {
      const { code } = askForCode(of, 'test')
      const { id } = approveScreen(of, { code, name: 'hall', tenant, by: 'test' })
      const { secret } = access.begin('screen', id, { forMs: SCREEN_SESSION_MS })
      return { cookie: cookieOf(secret), id }
    },
    shareCookie(tenant, days = 7) {
      const { share, token } = createShare(of, { name: 'board', tenant, days, by: 'test' })
      const { secret } = access.begin('share', share.id, { forMs: days * 86_400_000 })
      return { cookie: cookieOf(secret), id: share.id, token }
    },
    another() {
      const other = open()
      others.push(other)
      return other
    },
    async close() {
      await Promise.all([access, ...others].map((each) => each.close()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function cheapHash(password: string): string {
  const salt = randomBytes(16)
  const key = scryptSync(password, salt, 32, { N: 2, r: 1, p: 1 })
  return `scrypt$2$1$1$${salt.toString('base64url')}$${key.toString('base64url')}`
}
