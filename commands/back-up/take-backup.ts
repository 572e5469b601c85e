/** A backup, in the order that makes it whole: what ClickHouse is known to have, ClickHouse, then the log. */
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { type Runs, readRuns } from '../../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { copyLog } from '../../core/log/embedded/copy-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Config } from '../../core/runtime/env.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { codeVersion } from '../../core/runtime/program.ts'
import { readLastMark } from '../../processors/orders/read-position.ts'
import { clickhouseFolders } from '../clickhouse-folders.ts'
import { openLog } from '../open-log.ts'
import { CONTROL_DATABASE, logFolder, openWarehouse } from '../open-warehouse.ts'
import { bytesOf, copyOut, listDatabases } from './clickhouse-backup.ts'
import { type Manifest, writeManifest } from './manifest.ts'
import { readPositions } from './positions.ts'
import { progressLine } from './progress.ts'
import { backUpSmallFiles } from './small-files.ts'

/** In a backup's folder. */
export const LOG_PART = 'log'
/** Beside what is known to be needed: batches go on meanwhile. */
const SPARE_BYTES = 64 * 2 ** 20
const SPARE_SHARE = 1.1

export interface BackupContext {
  config: Config
  logger: Logger
  print: (line: string) => void
  signal: AbortSignal
}

/**
 * Throws `BACKUP_NOT_EMPTY`, `BACKUP_INSIDE`, `BACKUP_NO_SPACE`, `BACKUP_NOT_OURS` (CLICKHOUSE_URL), `BACKUP_FAILED`,
 * `BACKUP_STOPPED`. Of what failed nothing is left in the folder.
 */
export async function takeBackup(given: string, context: BackupContext): Promise<Manifest> {
  const { config } = context
  const folder = resolve(given)
  if (config.clickhouse !== undefined) throw notOurs()
  const isNew = !existsSync(folder)
  prepareFolder(folder, config)
  try {
    return await fill(folder, context)
  } catch (error) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
    if (isNew) rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

async function fill(folder: string, { config, logger, print, signal }: BackupContext): Promise<Manifest> {
  const open = await openWarehouse(config, logger, 'program')
  const { warehouse } = open
  let log: EventLog | undefined
  try {
    log = await openLog(config, logger)
    const runs = await readRuns(warehouse, CONTROL_DATABASE)
    const servers = await serversOf(warehouse, config)
    requireSpace(
      folder,
      servers.reduce((sum, { bytes }) => sum + bytes, logBytes(config)),
    )
    // Before ClickHouse is copied, so that the copy has at least what these say.
    const at = new Date().toISOString()
    const positions = await readPositions(log, runs.open)
    const marks = await readMarks(warehouse, log, runs)
    for (const { bytes, ...server } of servers) {
      const what = servers.length === 1 ? 'ClickHouse' : basename(server.clickhouseFolder)
      await copyOut(server.databases, { ...server, folder, signal }, progressLine(what, bytes, print))
    }
    // After all of them, so that it has at least what the marks in the copies say.
    const bounds = await boundsOf(log)
    if (config.kafka === undefined) {
      print('the log …')
      await copyLog(logFolder(config), join(folder, LOG_PART))
    }
    backUpSmallFiles(config, folder)
    if (signal.aborted) throw new RevwallError('BACKUP_STOPPED', 'It was stopped.')
    const told = {
      ...{ version: codeVersion(), at, shards: servers.length, marks, positions },
      databases: servers[0]!.databases,
      newestMigration: Math.max(...servers.map(({ newestMigration }) => newestMigration)),
      log: {
        kind: config.kafka === undefined ? ('embedded' as const) : ('kafka' as const),
        incarnation: log.incarnation,
        bounds,
      },
    }
    return await writeManifest(folder, told, progressLine('checksums', undefined, print))
  } finally {
    await log?.close()
    await open.close()
  }
}

interface BackedUp {
  warehouse: Warehouse
  clickhouseFolder: string
  databases: string[]
  bytes: number
  newestMigration: number
}

/** Each by itself: what partitions share stands on the first one alone. */
function serversOf(warehouse: Warehouse, config: Config): Promise<BackedUp[]> {
  const folders = clickhouseFolders(config)
  return Promise.all(
    shardsOf(warehouse).map(async (server, index) => {
      const databases = await listDatabases(server)
      const [row] = await server.query<{ newest: string }>(
        `SELECT max(id) AS newest FROM ${CONTROL_DATABASE}.migrations`,
      )
      return {
        ...{ warehouse: server, clickhouseFolder: folders[index]!, databases },
        ...{ bytes: await bytesOf(server, databases), newestMigration: Number(row!.newest) },
      }
    }),
  )
}

function prepareFolder(folder: string, { dataFolder }: Config): void {
  const inside = relative(dataFolder, folder)
  if (inside === '' || !inside.startsWith('..'))
    throw new RevwallError(
      'BACKUP_INSIDE',
      `${folder} is in the data folder ${dataFolder}: name another one.`,
    )
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (readdirSync(folder).length > 0)
    throw new RevwallError('BACKUP_NOT_EMPTY', `${folder} is not empty: name a new folder for each backup.`)
}

function logBytes(config: Config): number {
  if (config.kafka !== undefined) return 0
  return statSync(join(logFolder(config), 'data.mdb'), { throwIfNoEntry: false })?.size ?? 0
}

function requireSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder)
  const needed = bytes * SPARE_SHARE + SPARE_BYTES
  if (bavail * bsize >= needed) return
  const mb = (count: number) => `${Math.ceil(count / 2 ** 20)} MB`
  throw new RevwallError(
    'BACKUP_NO_SPACE',
    `${folder} has ${mb(bavail * bsize)} free, ${mb(needed)} are needed: make room or name a folder of another disk.`,
  )
}

async function readMarks(warehouse: Warehouse, log: EventLog, { open }: Runs): Promise<Manifest['marks']> {
  const marks: Manifest['marks'] = []
  for (const { database } of open)
    for (let partition = 0; partition < log.partitions('orders'); partition++) {
      const mark = await readLastMark({ warehouse, database, topic: 'orders', partition })
      const server = partition % shardsOf(warehouse).length
      if (mark !== undefined) marks.push({ server, database, partition, last: mark.last })
    }
  return marks
}

async function boundsOf(log: EventLog): Promise<Manifest['log']['bounds']> {
  const partitions = Array.from({ length: log.partitions('orders') }, (_, partition) => partition)
  return Promise.all(
    partitions.map(async (partition) => ({ partition, ...(await log.bounds('orders', partition)) })),
  )
}

const notOurs = () =>
  new RevwallError(
    'BACKUP_NOT_OURS',
    'CLICKHOUSE_URL (or CLICKHOUSE_URLS) names servers that are not ours, whose disks only they can reach. Back up the databases ' +
      "revwall and revwall_r… of each with its own BACKUP … TO Disk(…) or S3(…), and the log after that: whatever ClickHouse's marks " +
      'say must be in it.',
  )
