import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { SHIPPED_FILE } from '../../ingest/sources/replay/shipped-file.ts'

/** The first lines of the shipped file as a file of its own: loaded in a moment. Returns its path. */
export function sliceFile(folder: string, lines: number): string {
  const path = join(folder, 'slice.csv')
  const all = gunzipSync(readFileSync(SHIPPED_FILE)).toString('utf8').split('\n')
  writeFileSync(path, `${all.slice(0, lines + 1).join('\n')}\n`)
  return path
}
