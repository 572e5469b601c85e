/** The program's own files, whether it runs from its sources or as built (bin/build.js). */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const IS_BUILT = import.meta.url.endsWith('.js')

/**
 * Piscina tries `require` before `import`. Node 20 would load a module so, and ends the whole process where its thread is
 * terminated meanwhile (`v8::Module::IsGraphAsync`), as a stop in the first moments does; refused, Piscina imports it.
 */
const IMPORT_ONLY = '--no-experimental-require-module'

/** The folder with package.json: what is no program (data, migrations, the page) is looked for below it. */
export const ROOT = rootAbove(dirname(fileURLToPath(import.meta.url)))

export interface ProgramPart {
  file: string
  /** What Node needs to load it. */
  execArgv: string[]
}

/** A file that is started as a thread or process of its own; `source` is its path below ROOT. */
export function programPart(source: string): ProgramPart {
  if (IS_BUILT) return { file: join(ROOT, 'dist', `${basename(source, '.ts')}.js`), execArgv: [IMPORT_ONLY] }
  // Resolved from here: the current directory may be anywhere.
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return { file: join(ROOT, source), execArgv: [IMPORT_ONLY, '--import', tsx] }
}

/** The version in package.json: what marks and migrations record. */
export function codeVersion(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version
}

function rootAbove(folder: string): string {
  const up = dirname(folder)
  if (existsSync(join(folder, 'package.json')) || up === folder) return folder
  return rootAbove(up)
}
