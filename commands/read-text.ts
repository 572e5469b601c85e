/** A file that a command is given, whole. */
import { readFileSync, statSync } from 'node:fs'
import { errorMessage, RevwallError } from '../core/runtime/errors.ts'

/** Throws BAD_FILE. */
export function readText(file: string, maxBytes: number): string {
  try {
    const { size } = statSync(file)
    if (size > maxBytes)
      throw new RevwallError('BAD_FILE', `${file} has more than ${maxBytes / 2 ** 20} MB: split it`)
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (cause instanceof RevwallError) throw cause
    throw new RevwallError('BAD_FILE', `${file} cannot be read: ${errorMessage(cause)}`, { cause })
  }
}
