/**
 * ClickHouse's own BACKUP and RESTORE, of the embedded server. It may write below its folder alone, so that a link there
 * leads to the folder that was asked for. Tables are copied one after the other while batches go on: base and views may be
 * apart by some batches, which the audit after a restore mends.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { backupsFolder } from '../../clickhouse/engine/write-config.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { systemClock } from '../../core/runtime/clock.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { filesIn } from './manifest.ts'

const POLL_MS = 200
export interface CopyOptions {
  /** One server. */
  warehouse: Warehouse
  /** Of the server that does it; in a backup its part has the same name. */
  clickhouseFolder: string
  /** Of the backup. */
  folder: string
  signal: AbortSignal
}

const partOf = ({ clickhouseFolder }: Pick<CopyOptions, 'clickhouseFolder'>) => basename(clickhouseFolder)

/** What all runs share, and every run's. Tables that read from several servers hold nothing, and are made anew. */
export async function listDatabases(warehouse: Warehouse): Promise<string[]> {
  const rows = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.databases WHERE name = 'revwall' OR match(name, '^revwall_r[0-9]+$') ORDER BY name`,
  )
  return rows.map(({ name }) => name)
}

export async function bytesOf(warehouse: Warehouse, databases: readonly string[]): Promise<number> {
  const [row] = await warehouse.query<{ bytes: string }>(
    'SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database IN {databases:Array(String)}',
    { params: { databases } },
  )
  return Number(row!.bytes)
}

/** Throws `BACKUP_FAILED` in ClickHouse's words, `BACKUP_STOPPED` by the signal. */
export function copyOut(
  databases: readonly string[],
  options: CopyOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const told = () => {
    const part = join(options.folder, partOf(options))
    onBytes(existsSync(part) ? sizeOf(part) : 0)
  }
  const names = databases.map((name) => `DATABASE ${name}`).join(', ')
  return throughLink(options, (file) => run(`BACKUP ${names} TO ${file}`, options, told))
}

/** Into a server that has none of its databases. Errors as `copyOut`. */
export function copyIn(options: CopyOptions): Promise<void> {
  return throughLink(options, (file) => run(`RESTORE ALL FROM ${file}`, options, () => {}))
}

async function throughLink(
  { clickhouseFolder, folder }: CopyOptions,
  task: (file: string) => Promise<void>,
): Promise<void> {
  const name = randomUUID()
  const link = join(backupsFolder(clickhouseFolder), name)
  mkdirSync(backupsFolder(clickhouseFolder), { recursive: true, mode: 0o700 })
  symlinkSync(folder, link)
  try {
    await task(`File('${name}/${basename(clickhouseFolder)}')`)
  } finally {
    rmSync(link, { force: true })
  }
}

interface State {
  status: string
  error: string
  query_id: string
}

async function run(statement: string, { warehouse, signal }: CopyOptions, onLook: () => void): Promise<void> {
  const [{ id }] = (await warehouse.query<{ id: string }>(`${statement} ASYNC`)) as [{ id: string }]
  for (let isKilled = false; ; ) {
    const [state] = await warehouse.query<State>(
      'SELECT toString(status) AS status, error, query_id FROM system.backups WHERE id = {id:String}',
      { params: { id } },
    )
    if (state === undefined) throw failed('ClickHouse was started again meanwhile')
    if (/^(BACKUP_CREATED|RESTORED)$/.test(state.status)) return
    if (signal.aborted && !isKilled) {
      isKilled = true
      await warehouse.command('KILL QUERY WHERE query_id = {id:String} ASYNC', {
        params: { id: state.query_id },
      })
    }
    if (/FAILED|CANCELLED/.test(state.status))
      throw signal.aborted ? new RevwallError('BACKUP_STOPPED', 'It was stopped.') : failed(state.error)
    onLook()
    await systemClock.sleep(POLL_MS)
  }
}

const MAX_ERROR_CHARS = 500
const failed = (why: string) =>
  new RevwallError('BACKUP_FAILED', `ClickHouse could not do it: ${why.slice(0, MAX_ERROR_CHARS)}`)

function sizeOf(folder: string): number {
  // A file may be renamed while this looks.
  return filesIn(folder).reduce(
    (sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
