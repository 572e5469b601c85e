import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { RevwallError } from '../../core/runtime/errors.ts'

const Passwords = z.record(z.string(), z.string().min(16))

/**
 * The users' passwords out of `<folder>/passwords.json` (mode 0600), made for whoever has none yet. They outlive
 * restarts, so that other roles on this machine and a saved Grafana source stay connected.
 */
export function passwordsOf(folder: string, users: string[]): Map<string, string> {
  const path = join(folder, 'passwords.json')
  const known = existsSync(path) ? read(path) : {}
  const missing = users.filter((user) => known[user] === undefined)
  const all = { ...known, ...Object.fromEntries(missing.map((user) => [user, newPassword()])) }
  if (missing.length > 0) write(path, all)
  return new Map(users.map((user) => [user, all[user]!]))
}

function read(path: string): Record<string, string> {
  // A file that was copied or restored may have lost its mode.
  chmodSync(path, 0o600)
  try {
    return Passwords.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw new RevwallError(
      'ENGINE_PASSWORDS_UNREADABLE',
      `${path} is not a list of passwords; delete it to have new ones made.`,
      { cause },
    )
  }
}

// Renamed into place: a crash in the middle of a write would lock everybody out.
function write(path: string, passwords: Record<string, string>): void {
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify(passwords, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, path)
}

// Hex, so that it needs no escaping in XML, in a header or in a shell.
const newPassword = () => randomBytes(24).toString('hex')
