/**
 * The *function* `file(path)` (not the table function of that name, which needs a grant) reads any file of the machine
 * for whoever may SELECT at all, because the embedded server counts as ClickHouse's local tool: also `passwords.json`.
 * No setting and no grant holds it back. But SQL functions of one's own are looked up first, and those on the disk are
 * loaded before the server listens, so that one of the same name stands before it. CREATE FUNCTION would refuse the name.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SHADOW = "CREATE FUNCTION file AS (path) -> throwIf(1, 'file() is switched off in this server.')"

/** Tells the two apart without calling either: throwIf gives UInt8, ClickHouse's own a String. */
export const SHADOW_PROBE = { sql: "SELECT toTypeName(file(''))", answer: 'UInt8\n' }

/** Before every start: whoever restores a data folder may have lost it. */
export function shadowFile(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'function_file.sql'), `${SHADOW};\n`, { mode: 0o600 })
}
