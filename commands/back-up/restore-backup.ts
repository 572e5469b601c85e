/**
 * A data folder out of a backup. All is made and checked in a folder beside (`restoring`), and moved into place at the end:
 * what fails or is killed changes nothing. ClickHouse and the log must fit, by recovery's own rules (EXACTNESS.md).
 */
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import { readMigrations } from '../../clickhouse/migrations/read-migrations.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { Config } from '../../core/runtime/env.ts'
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import { lockFolder } from '../../core/runtime/lock-folder.ts'
import { NOT_OPENED, recoverPartition } from '../../processors/orders/recover-partition.ts'
import { type AuditReport, auditAll, isExact } from '../audit.ts'
import { type CleanUp, cleanUp } from '../clean-up.ts'
import { clickhouseFolders, hasClickhouse } from '../clickhouse-folders.ts'
import { openLog } from '../open-log.ts'
import { CONTROL_DATABASE, logFolder, startEmbedded } from '../open-warehouse.ts'
import { prepare } from '../start-warehouse.ts'
import { copyIn } from './clickhouse-backup.ts'
import { checkFiles, type Manifest, readManifest } from './manifest.ts'
import { rewind } from './positions.ts'
import { progressLine } from './progress.ts'
import { hasLog, moveIntoPlace, type Part, requireNone, requireSuited } from './restored-parts.ts'
import { type CopiedFile, restoreSmallFiles } from './small-files.ts'
import { type BackupContext, LOG_PART } from './take-backup.ts'

export interface Restored {
  parts: readonly Part[]
  /** Undefined where ClickHouse was not restored. */
  report: AuditReport | undefined
  /** By run and partition: where ClickHouse goes on. Undefined where one of the two is not there to be compared. */
  fits: Fit[] | undefined
  /** Users, walls, keys and endpoints. */
  files: CopiedFile[]
}

export interface Fit {
  database: string
  partition: number
  /** Null: the log has grown by it, and it is opened when ClickHouse comes to that. */
  last: number | null
  next: number
}

/** Throws what `readManifest` and `checkFiles` throw, and `BACKUP_NEWER` where its tables are of a newer revwall. */
export async function checkBackup(given: string, { print }: BackupContext): Promise<Manifest> {
  const folder = resolve(given)
  const told = readManifest(folder)
  const newest = Math.max(...readMigrations().map(({ id }) => id))
  if (told.newestMigration > newest)
    throw new RevwallError(
      'BACKUP_NEWER',
      `${folder} was made by a newer revwall (${told.version}, migration ${told.newestMigration}; here ${newest}): install that one.`,
    )
  await checkFiles(folder, told, progressLine('checksums', undefined, print))
  return told
}

/**
 * Throws what `checkBackup` throws, `FOLDER_IN_USE`, `RESTORE_NOT_EMPTY`, `RESTORE_OTHER_LOG`, `RESTORE_SHARDS`,
 * `BACKUP_NOT_OURS`, `RESTORE_NOT_EXACT`, and where table and log do not fit what recovery throws (`LOG_ENDS_BEFORE_MARK`, …).
 */
export async function restoreBackup(
  given: string,
  parts: readonly Part[],
  context: BackupContext,
): Promise<Restored> {
  const { config, logger } = context
  const told = await checkBackup(given, context)
  requireSuited(told, parts, config)
  const lock = lockFolder(config.dataFolder)
  const staging = join(config.dataFolder, 'restoring')
  try {
    for (const part of parts) requireNone(part, config)
    rmSync(staging, { recursive: true, force: true })
    const steps = cleanUp(logger)
    const staged = { ...config, dataFolder: staging }
    let restored: Omit<Restored, 'files'>
    try {
      restored = await stage({ told, folder: resolve(given), parts, staged, context, steps })
    } finally {
      await steps.run()
    }
    // First: a killed restore must not leave orders behind that open without a login.
    const files = restoreSmallFiles(resolve(given), told, config)
    for (const part of parts) moveIntoPlace(part, staged, config)
    return { ...restored, files }
  } finally {
    rmSync(staging, { recursive: true, force: true })
    lock.release()
  }
}

interface Staging {
  told: Manifest
  folder: string
  parts: readonly Part[]
  /** The configuration with the folder where it is made. */
  staged: Config
  context: BackupContext
  steps: CleanUp
}

async function stage(staging: Staging): Promise<Omit<Restored, 'files'>> {
  const { told, parts, context, steps } = staging
  const log = await openTheLog(staging)
  if (log !== undefined) steps.add('the log', () => log.close())
  const warehouse = await openTheWarehouse(staging)
  const report = parts.includes('clickhouse') ? await mend(warehouse!, context) : undefined
  const fits = warehouse && log && (await requireFit(warehouse, log, { mayGrow: true }))
  // Not before they fit: a log that is refused stays as it was.
  if (log !== undefined && parts.includes('clickhouse')) await rewind(log, told.positions)
  return { parts, report, fits }
}

/** The restored one, or the one that is there. */
async function openTheLog({ folder, parts, staged, context }: Staging): Promise<EventLog | undefined> {
  const { config, logger } = context
  if (config.kafka !== undefined) return openLog(config, logger)
  if (!parts.includes('log')) return hasLog(config) ? openLog(config, logger) : undefined
  mkdirSync(logFolder(staged), { recursive: true, mode: 0o700 })
  for (const name of ['data.mdb', 'log.json'])
    copyFileSync(join(folder, LOG_PART, name), join(logFolder(staged), name))
  return openLog(staged, logger)
}

async function openTheWarehouse({ folder, parts, staged, context, steps }: Staging) {
  const { config, logger, print, signal } = context
  const isRestored = parts.includes('clickhouse')
  if (!isRestored && !hasClickhouse(config)) return undefined
  const where = isRestored ? staged : config
  const engine = await startEmbedded(where, logger)
  steps.add('ClickHouse', () => engine.stop())
  const warehouse = connectWarehouse(engine)
  steps.add('its client', () => warehouse.close())
  if (!isRestored) return warehouse
  print('ClickHouse …')
  const folders = clickhouseFolders(where)
  for (const [index, server] of shardsOf(warehouse).entries())
    await copyIn({ warehouse: server, clickhouseFolder: folders[index]!, folder, signal })
  await prepare(warehouse, logger)
  return warehouse
}

/** Tables were copied one after the other: what a view has more or less than the base is settled here. */
async function mend(warehouse: Warehouse, { print }: BackupContext): Promise<AuditReport> {
  print('every view against the base table …')
  const report = await auditAll(warehouse, true)
  if (isExact(report)) return report
  const why = report.notAudited.map((one) => `${one.view}: ${one.why}`).join('; ')
  throw new RevwallError('RESTORE_NOT_EXACT', `The views could not be mended (${why}). Nothing was restored.`)
}

/**
 * Every open run, every partition: the marks by recovery's own rules. Throws what recovery throws; with `mayGrow` not for
 * a partition that is still to be opened, whose records are all there.
 */
export async function requireFit(
  warehouse: Warehouse,
  log: EventLog,
  { mayGrow = false } = {},
): Promise<Fit[]> {
  const { open } = await readRuns(warehouse, CONTROL_DATABASE)
  const fits: Fit[] = []
  for (const { database } of open)
    for (let partition = 0; partition < log.partitions('orders'); partition++) {
      const { first, next } = await log.bounds('orders', partition)
      const scope = { warehouse, database, topic: 'orders', partition }
      const last = await recoverPartition(scope, log).then(
        (mark) => mark.last,
        (error) => {
          if (mayGrow && first === 0 && errorCode(error) === NOT_OPENED) return null
          throw error
        },
      )
      fits.push({ database, partition, last, next })
    }
  return fits
}

export function fitLine({ database, partition, last, next }: Fit): string {
  const where = `${database}, orders/${partition}`
  return last === null
    ? `${where}: opened when the growth of the topic is reached, the log has ${next}`
    : `${where}: complete to offset ${last}, the log has ${next - last - 1} more`
}
