/** The bench's own files that are started as threads or processes, from sources or as built (bin/bench.js). */
import { basename, extname, join } from 'node:path'
import { type ProgramPart, programPart, ROOT } from '../core/runtime/program.ts'

/** `source` is a path below this folder. */
export function benchPart(source: string): ProgramPart {
  const { file, execArgv } = programPart(join('bench', source))
  const isBuilt = extname(file) === '.js'
  return isBuilt ? { file: join(ROOT, 'dist/bench', basename(file)), execArgv } : { file, execArgv }
}
