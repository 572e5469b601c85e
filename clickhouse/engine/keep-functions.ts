/**
 * SQL functions of one's own over a restart: the embedded server writes those of CREATE FUNCTION below its data, but loads at
 * its start what is in the folder that the configuration names (the one thing lets `file()` be switched off, shadow-file.ts).
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Before every start: what is loaded is what was made and not dropped. */
export function keepFunctions(storeFolder: string, loadedFolder: string): void {
  rmSync(loadedFolder, { recursive: true, force: true })
  mkdirSync(loadedFolder, { recursive: true, mode: 0o700 })
  const made = join(storeFolder, 'user_defined')
  const files = existsSync(made) ? readdirSync(made) : []
  // A temporary file of a write that a crash broke off has another name.
  for (const file of files.filter((name) => /^function_\w+\.sql$/.test(name)))
    copyFileSync(join(made, file), join(loadedFolder, file))
}
