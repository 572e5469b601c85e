import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { RevwallError } from '../../core/runtime/errors.ts'
import { ROOT } from '../../core/runtime/program.ts'

export interface Migration {
  id: number
  /** `0001_order_changes` */
  name: string
  /** The statement, with its placeholders. */
  text: string
  /** Of a changed view: the name that queries use, from the first line `-- view NAME`. */
  changes: string | undefined
  /** sha256 of the file's text, hex. */
  checksum: string
}

/** What stands for a database's name in a file: `${database}` the run's, `${control}` the one that all runs share. */
export interface DatabaseNames {
  database: string
  controlDatabase?: string
}

export const MIGRATIONS_FOLDER = join(ROOT, 'clickhouse', 'migrations')
export const CONTROL_DATABASE = 'revwall'

/**
 * The `NNNN_name.sql` files of a folder in order. Throws MIGRATION_INVALID where two have one number; numbers may be left
 * out, so that those who write at the same time each have a range of their own.
 */
export function readMigrations(folder: string = MIGRATIONS_FOLDER): Migration[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.sql'))
  const migrations = files.sort().map((file) => readMigration(folder, file))
  migrations.forEach(({ id, name }, i) => {
    if (id !== migrations[i - 1]?.id) return
    throw new RevwallError('MIGRATION_INVALID', `${name}.sql has the number of the file before it.`)
  })
  return migrations
}

/** The statement for these databases. */
export function statementOf(migration: Migration, names: DatabaseNames): string {
  const { database, controlDatabase: control = CONTROL_DATABASE } = names
  for (const name of [database, control]) requireName(name)
  return migration.text.replace(/\$\{(.*?)\}/g, (token, name: string) => {
    if (name === 'database') return database
    if (name === 'control') return control
    throw new RevwallError('MIGRATION_INVALID', `${migration.name}.sql: nothing stands for ${token}.`)
  })
}

function readMigration(folder: string, file: string): Migration {
  const [, id] = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(file) ?? []
  if (id === undefined)
    throw new RevwallError('MIGRATION_INVALID', `${file} is not called NNNN_name.sql (lower case).`)
  // A checkout with other line ends is still the same migration.
  const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')
  const checksum = createHash('sha256').update(text).digest('hex')
  const [, changes] = /^-- view (\w+)\n/.exec(text) ?? []
  return { id: Number(id), name: file.slice(0, -'.sql'.length), text, checksum, changes }
}

// The names go into SQL as they are, where a parameter cannot stand.
function requireName(name: string): void {
  if (!/^[A-Za-z_]\w{0,62}$/.test(name))
    throw new RevwallError('MIGRATION_INVALID', `"${name}" cannot be a database's name.`)
}
