/** The program as `npm run build` makes it: JavaScript that Node loads as it is, half a second sooner than the sources. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the project's folder: the built program, and from what it was made. */
export const BUILT_FOLDER = 'dist'
export const SOURCES_FILE = 'sources.json'

/** The built program's file, or undefined where there is none or a source was changed since. */
export function builtProgram(root) {
  const folder = join(root, BUILT_FOLDER)
  const program = join(folder, 'revwall.js')
  const list = join(folder, SOURCES_FILE)
  if (!existsSync(program) || !existsSync(list)) return undefined
  const { files, digest } = JSON.parse(readFileSync(list, 'utf8'))
  return digestOf(root, files) === digest ? program : undefined
}

/** sha256 of all files' names and texts, hex; undefined where one is gone. Texts and not times: copies change those. */
export function digestOf(root, files) {
  const hash = createHash('sha256')
  try {
    for (const file of files)
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(root, file)))
        .update('\0')
  } catch {
    return undefined
  }
  return hash.digest('hex')
}
