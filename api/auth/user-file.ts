/**
 * The file of users: `{"version": 1, "users": [{"name", "role", "tenants", "password", "changedAt"}]}`, passwords as
 * scrypt hashes. `revwall users` writes it, 0600 and replaced whole; it may as well come from elsewhere.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ROLES, userName } from '../../core/contracts/access.ts'
import { tenant } from '../../core/contracts/fields.ts'
import { changeFile } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import { schemaFaults } from '../../core/runtime/schema-faults.ts'
import { isPasswordHash } from './hash-password.ts'

const MAX_USERS = 10_000

const storedUser = z.strictObject({
  name: userName,
  role: z.enum(ROLES),
  tenants: z.array(tenant).min(1).max(1_000),
  password: z.string().refine(isPasswordHash, 'a hash that `revwall users passwd` makes'),
  /** Of its password. */
  changedAt: z.iso.datetime(),
})
const userFile = z.strictObject({
  version: z.literal(1),
  users: z
    .array(storedUser)
    .max(MAX_USERS)
    .superRefine((all, context) => {
      const first = new Map(all.map(({ name }, at) => [name, at] as const).reverse())
      for (const [at, { name }] of all.entries())
        if (first.get(name) !== at)
          context.addIssue({ code: 'custom', path: [at, 'name'], message: `a second ${name}` })
    }),
})

export type StoredUser = z.infer<typeof storedUser>

/** Undefined where there is no file: then there are no logins. Throws `USERS_UNREADABLE`. */
export function readUsers(path: string): StoredUser[] | undefined {
  try {
    const parsed = userFile.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (parsed.success) return parsed.data.users
    throw new Error(schemaFaults(parsed.error))
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined
    // What does not parse as JSON would be quoted, and may be a hash.
    const why = cause instanceof SyntaxError ? 'it is no JSON' : errorMessage(cause)
    throw new RevwallError('USERS_UNREADABLE', `${path} cannot be read: ${why}. Mend it or restore it.`, {
      cause,
    })
  }
}

/** Reads, changes and replaces. Throws `USERS_UNREADABLE`, `USERS_BUSY`, `TOO_MANY_USERS` and what `change` throws. */
export async function changeUsers(
  path: string,
  clock: Clock,
  change: (users: readonly StoredUser[]) => readonly StoredUser[],
): Promise<void> {
  const text = () => {
    const users = change(readUsers(path) ?? [])
    if (users.length > MAX_USERS) throw new RevwallError('TOO_MANY_USERS', `there can be ${MAX_USERS} users`)
    return `${JSON.stringify({ version: 1, users }, undefined, 2)}\n`
  }
  await changeFile({ path, clock, busyCode: 'USERS_BUSY', change: text })
}
