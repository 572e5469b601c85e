import { statSync } from 'node:fs'

/** Of a file that is replaced whole: another word with every replacement; `none` where it is not there. */
export function fileState(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
  return stat === undefined ? 'none' : `${stat.ino}:${stat.mtimeNs}:${stat.size}`
}
