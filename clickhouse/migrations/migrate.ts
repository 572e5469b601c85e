import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import { codeVersion } from '../../core/runtime/program.ts'
import { changeView } from '../views/change-view.ts'
import type { Warehouse } from '../warehouse.ts'
import {
  CONTROL_DATABASE,
  type DatabaseNames,
  type Migration,
  readMigrations,
  statementOf,
} from './read-migrations.ts'

export interface MigrateOptions extends DatabaseNames {
  folder?: string
  /** What ids of the run's inserts begin with. Default: the database without `revwall_`. */
  run?: string
  /** Called before each statement that is run. */
  onStep?: (migration: Migration) => void
  /** Called before a changed view is filled and read. */
  beforeChange?: () => Promise<void>
  /** Of the code, for the record. Default: package.json's. */
  version?: string
}

/**
 * Brings a database to the newest migration; resolves with those that were run now. Forward only.
 *
 * The statement comes first and its record second, so a crash in between runs it again: every statement must be
 * repeatable (IF NOT EXISTS). Two at once do the same work twice, harmlessly, for the same reason.
 *
 * Throws MIGRATION_INVALID, MIGRATION_CHANGED, MIGRATION_NEWER, MIGRATION_FAILED (with ClickHouse's error as its cause).
 */
export async function migrate(warehouse: Warehouse, options: MigrateOptions): Promise<Migration[]> {
  const names = { database: options.database, controlDatabase: options.controlDatabase ?? CONTROL_DATABASE }
  const migrations = readMigrations(options.folder)
  // All of them, so that a bad name or placeholder is found before anything is done.
  const statements = new Map(migrations.map((migration) => [migration.id, statementOf(migration, names)]))
  await makeControl(warehouse, names)
  const applied = await readApplied(warehouse, names)
  for (const record of applied) requireKnown(record, migrations)
  const done = new Set(applied.map((record) => record.id))
  const pending = migrations.filter(({ id }) => !done.has(id))
  const version = options.version ?? codeVersion()
  if (applied.length === 0) {
    await migrateNew(warehouse, pending, { statements, names, version, options })
    return pending
  }
  // The record of a step is written while the next one runs.
  let recording = Promise.resolve()
  for (const migration of pending) {
    options.onStep?.(migration)
    const statement = statements.get(migration.id)!
    await Promise.all([recording, run(migration, () => step(warehouse, migration, statement, options))])
    recording = record(warehouse, [migration], names, version)
    recording.catch(() => {})
  }
  await recording
  return pending
}

interface NewDatabase {
  statements: ReadonlyMap<number, string>
  names: Names
  version: string
  options: MigrateOptions
}

/** Somebody waits for a first start: tables at once, and one record for all steps, of those that were done if one failed. */
async function migrateNew(
  warehouse: Warehouse,
  pending: readonly Migration[],
  { statements, names, version, options }: NewDatabase,
): Promise<void> {
  const done: Migration[] = []
  try {
    const take = async (migration: Migration) => {
      options.onStep?.(migration)
      await run(migration, () => step(warehouse, migration, statements.get(migration.id)!, options))
      done.push(migration)
    }
    // Tables stand by themselves, and wait for the disk rather than for a core.
    const isTable = ({ id }: Migration) => statements.get(id)!.trimStart().startsWith('CREATE TABLE')
    const tables = pending.filter(isTable)
    const ends = await Promise.allSettled(tables.map(take))
    const failed = ends.findIndex(({ status }) => status === 'rejected')
    // What stands before a file that failed is done all the same, as it is in a database that is not new.
    const until = failed === -1 ? Number.POSITIVE_INFINITY : tables[failed]!.id
    for (const migration of pending) if (!isTable(migration) && migration.id < until) await take(migration)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  } finally {
    if (done.length > 0) await record(warehouse, done, names, version)
  }
}

interface Names {
  database: string
  controlDatabase: string
}

interface Applied {
  id: number
  name: string
  checksum: string
}

async function makeControl(warehouse: Warehouse, { database, controlDatabase }: Names): Promise<void> {
  await warehouse.command(
    `CREATE DATABASE IF NOT EXISTS ${controlDatabase} ENGINE = Atomic COMMENT 'What all runs share.'`,
  )
  await warehouse.command(
    `CREATE DATABASE IF NOT EXISTS ${database} ENGINE = Atomic COMMENT 'One run: a life of the tables.'`,
  )
  await warehouse.command(`CREATE TABLE IF NOT EXISTS ${controlDatabase}.migrations (
    database LowCardinality(String) COMMENT 'The run that was migrated.',
    id UInt32 COMMENT 'Number of the file.',
    name String COMMENT 'Name of the file without .sql.',
    checksum FixedString(64) COMMENT 'sha256 of its text, hex.',
    applied_at DateTime64(3, 'UTC') COMMENT 'When it was run, by the server’s clock.',
    version LowCardinality(String) COMMENT 'Version of the code that ran it.'
  ) ENGINE = MergeTree ORDER BY (database, id)
  COMMENT 'The migrations that were run, one row each; written by migrate.ts.'`)
}

// DISTINCT, because two migrators at once record the same step twice.
function readApplied(warehouse: Warehouse, { database, controlDatabase }: Names): Promise<Applied[]> {
  return warehouse.query<Applied>(
    `SELECT DISTINCT id, name, checksum FROM ${controlDatabase}.migrations
     WHERE database = {database:String} ORDER BY id`,
    { params: { database } },
  )
}

function requireKnown(applied: Applied, migrations: Migration[]): void {
  const known = migrations.find(({ id }) => id === applied.id)
  if (known === undefined)
    throw new RevwallError(
      'MIGRATION_NEWER',
      `This folder was written by a newer revwall: migration ${applied.name} is not known here. Install the newer version again.`,
    )
  if (known.checksum !== applied.checksum)
    throw new RevwallError(
      'MIGRATION_CHANGED',
      `${known.name}.sql was changed after it was run (as ${applied.name}). Put it back as it was and write a new migration.`,
    )
}

/** A changed view is filled from the rows that are there, behind a barrier at first; batches may go on meanwhile. */
async function step(
  warehouse: Warehouse,
  { changes }: Migration,
  statement: string,
  { database, run = database.replace(/^revwall_/, ''), beforeChange }: MigrateOptions,
): Promise<void> {
  if (changes === undefined) return warehouse.command(statement)
  await beforeChange?.()
  await changeView({ warehouse, database, run, logical: changes, createView: statement })
}

async function run(migration: Migration, task: () => Promise<void>): Promise<void> {
  try {
    await task()
  } catch (cause) {
    const message = `${migration.name}.sql: ${errorMessage(cause)} (${errorCode(cause) ?? 'no code'})`
    throw new RevwallError('MIGRATION_FAILED', message, { cause })
  }
}

async function record(
  warehouse: Warehouse,
  steps: readonly Migration[],
  names: Names,
  version: string,
): Promise<void> {
  await warehouse.command(
    `INSERT INTO ${names.controlDatabase}.migrations (database, id, name, checksum, applied_at, version)
     SELECT {database:String}, s.1, s.2, s.3, now64(3), {version:String}
     FROM (SELECT arrayJoin(arrayZip({ids:Array(UInt32)}, {names:Array(String)}, {checksums:Array(String)})) AS s)`,
    {
      params: {
        database: names.database,
        ids: steps.map(({ id }) => id),
        names: steps.map(({ name }) => name),
        checksums: steps.map(({ checksum }) => checksum),
        version,
      },
    },
  )
}
