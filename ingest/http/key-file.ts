/** The file of keys: hashes only, for its owner's eyes, replaced whole. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { label, name } from '../../core/contracts/fields.ts'
import { changeFile } from '../../core/runtime/change-file.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'

const MAX_KEYS = 10_000

const storedKey = z.object({
  id: z.string().regex(/^[0-9A-Za-z]{8}$/),
  tenant: name,
  name: label,
  /** SHA-256 of the whole key. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().nullable(),
})
const keyFile = z.object({ version: z.literal(1), keys: z.array(storedKey).max(MAX_KEYS) })

export type StoredKey = z.infer<typeof storedKey>

export function keyFilePath(dataFolder: string): string {
  return join(dataFolder, 'ingest-keys.json')
}

/** None where there is no file. Throws `KEYS_UNREADABLE`. */
export function readKeys(path: string): StoredKey[] {
  try {
    return keyFile.parse(JSON.parse(readFileSync(path, 'utf8'))).keys
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return []
    const why = errorMessage(cause).slice(0, 300)
    throw new RevwallError('KEYS_UNREADABLE', `${path} cannot be read: ${why}. Restore it, or delete it.`, {
      cause,
    })
  }
}

/** Reads, changes and replaces. Throws `KEYS_UNREADABLE`, `KEYS_BUSY`, `TOO_MANY_KEYS` and what `change` throws. */
export async function changeKeys(
  path: string,
  clock: Clock,
  change: (keys: readonly StoredKey[]) => readonly StoredKey[],
): Promise<void> {
  const text = () => {
    const keys = change(readKeys(path))
    if (keys.length > MAX_KEYS) throw new RevwallError('TOO_MANY_KEYS', `there can be ${MAX_KEYS} keys`)
    return `${JSON.stringify({ version: 1, keys }, undefined, 2)}\n`
  }
  await changeFile({ path, clock, busyCode: 'KEYS_BUSY', change: text })
}
