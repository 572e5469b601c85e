import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RevwallError } from '../../core/runtime/errors.ts'

/** The server's shared library: `given`, or the one of whichever `@chdb/lib-*` package is installed. */
export function findLibrary(given?: string): string {
  const candidates = given === undefined ? installed() : [given]
  const found = candidates.find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new RevwallError(
    'ENGINE_NO_LIBRARY',
    `There is no embedded ClickHouse for ${process.platform}-${process.arch}${given ? ` at ${given}` : ''}: ` +
      'install the @chdb/lib-* package of your platform, or set CLICKHOUSE_URL to a ClickHouse server.',
  )
}

// A folder walk and not require.resolve: the name differs for each platform, and the packages' own entry point would
// load the in-process addon, which must never happen in our process (DESIGN.md).
function installed(): string[] {
  return parents(dirname(fileURLToPath(import.meta.url))).flatMap((folder) => {
    const scope = join(folder, 'node_modules', '@chdb')
    if (!existsSync(scope)) return []
    return readdirSync(scope)
      .filter((name) => name.startsWith('lib-'))
      .sort()
      .flatMap((name) => ['libchdb.so', 'libchdb.dylib'].map((file) => join(scope, name, file)))
  })
}

function parents(folder: string): string[] {
  const up = dirname(folder)
  return up === folder ? [folder] : [folder, ...parents(up)]
}
