/**
 * A data folder's log to Kafka, its tables to a ClickHouse server, or both. Everything is copied and compared while the new
 * place is closed to everybody; then the folder is marked as moved, which is the moment from which the new place counts, and
 * last the new place is opened. Killed before that moment, the folder is what counts and a move begins anew; killed behind it, the
 * next one opens what is there. At no time can both be opened, and never one that is half.
 */
import { connectWarehouse } from '../../clickhouse/connect-warehouse.ts'
import type { CopiedTable, Server } from '../../clickhouse/copy/copy-table.ts'
import { beginMoving, finishMoving, requireNoTables } from '../../clickhouse/copy/moving.ts'
import { readRuns } from '../../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../../clickhouse/shards.ts'
import { TOPIC_NAMES } from '../../core/contracts/topics.ts'
import { openEmbeddedLog } from '../../core/log/embedded/open-embedded-log.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { KafkaCopy } from '../../core/log/kafka/copy-into-kafka.ts'
import type { Config } from '../../core/runtime/env.ts'
import { RevwallError } from '../../core/runtime/errors.ts'
import { lockFolder } from '../../core/runtime/lock-folder.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { type AuditReport, auditAll, isExact } from '../audit.ts'
import { type Fit, requireFit } from '../back-up/restore-backup.ts'
import { type CopiedFile, requireSameFiles, takeSmallFiles } from '../back-up/small-files.ts'
import { type CleanUp, cleanUp } from '../clean-up.ts'
import { countServers } from '../clickhouse-folders.ts'
import { openLog } from '../open-log.ts'
import { logFolder, startEmbedded } from '../open-warehouse.ts'
import { makeReady, publish } from '../start-warehouse.ts'
import { type CopiedPartition, copyLog, stopped } from './copy-log.ts'
import { copyPositions } from './copy-positions.ts'
import { copyTables, requireDividing } from './copy-tables.ts'
import { type Moved, type MovedPart, writeMoved } from './moved-file.ts'
import { type MovePlan, planMove } from './plan-move.ts'

export interface MoveContext {
  /** Its data folder is the old one, Kafka and ClickHouse the new places. */
  config: Config
  /** As revwall is to be started afterwards: its data folder is where users, walls, keys and endpoints go. */
  home: Config
  logger: Logger
  print: (line: string) => void
  signal: AbortSignal
}

export interface MoveReport {
  /** Empty where an earlier move had taken all. */
  parts: readonly MovedPart[]
  log: CopiedPartition[]
  tables: CopiedTable[]
  audit: AuditReport | undefined
  fits: Fit[]
  files: CopiedFile[]
}

/**
 * Throws what `planMove`, `requireDividing`, `requireNoLog` and `requireNoTables` throw, `FOLDER_IN_USE`, `MOVE_FILES_DIFFER`, `MOVE_STOPPED`,
 * `MOVE_NOT_EXACT`, and where copies differ, or table and log do not fit, what tells it.
 */
export async function moveFolder(context: MoveContext): Promise<MoveReport> {
  const { config, home, logger } = context
  planMove(config) // Before a lock makes a folder that was not there.
  const lock = lockFolder(config.dataFolder)
  const steps = cleanUp(logger)
  steps.add('the folder', async () => lock.release())
  try {
    // Again: another move may have ended meanwhile.
    const plan = planMove(config)
    await finish(plan.before, context)
    if (plan.parts.length === 0)
      return { parts: [], log: [], tables: [], audit: undefined, fits: [], files: [] }
    requireSameFiles(config.dataFolder, home)
    const { report, moved } = await copyAll(plan, context, steps)
    // The folder is let go of; whatever is killed from here on, the next move opens the new place.
    writeMoved(config.dataFolder, { ...plan.before, ...moved })
    await finish(moved, context)
    return report
  } finally {
    await steps.run()
  }
}

/** Opens what was copied whole. */
async function finish({ log, clickhouse }: Moved, { config, logger }: MoveContext): Promise<void> {
  if (log !== undefined && config.kafka !== undefined) {
    const { finishKafkaCopy } = await import('../../core/log/kafka/copy-into-kafka.ts')
    await finishKafkaCopy({ ...config.kafka, logger, incarnation: log.incarnation })
  }
  if (clickhouse === undefined || config.clickhouse === undefined) return
  const warehouse = connectWarehouse(config.clickhouse)
  const whose = { incarnation: clickhouse.incarnation, from: config.dataFolder }
  try {
    for (const server of shardsOf(warehouse)) await finishMoving(server, whose)
  } finally {
    await warehouse.close()
  }
}

async function copyAll(
  { parts }: MovePlan,
  context: MoveContext,
  steps: CleanUp,
): Promise<{ report: MoveReport; moved: Moved }> {
  const { config, logger, print, signal } = context
  const from = await openOld(parts, context, steps)
  const { incarnation } = from.log
  await requireFit(from.server.warehouse, from.log)
  if (parts.includes('clickhouse')) await requireDividing(from.server.warehouse, config.shards)
  const to = await openNew(parts, incarnation, context, steps)
  const log = to.log && (await copyLog({ config, from: from.log, to: to.log, print, signal }))
  if (to.log) await copyPositions(from.log, to.log.log, await readRuns(from.server.warehouse))
  const tables = to.server && (await copyTables({ from: from.server, to: to.server, print, signal }))
  const { warehouse } = to.server ?? from.server
  if (to.server) {
    await makeReady(warehouse, logger)
    await publish(warehouse)
  }
  print('every view against the base table …')
  const audit = await auditAll(warehouse, to.server !== undefined)
  requireExact(audit)
  const fits = await requireFit(warehouse, to.log?.log ?? from.log)
  if (signal.aborted) throw stopped()
  const files = takeSmallFiles(config.dataFolder, context.home)
  await to.log?.seal()
  const at = new Date().toISOString()
  const moved: Moved = {}
  if (to.log) moved.log = { to: `Kafka at ${config.kafka!.brokers.join(', ')}`, incarnation, at }
  if (to.server) moved.clickhouse = { to: config.clickhouse!.url, incarnation, at }
  return { report: { parts, log: log ?? [], tables: tables ?? [], audit, fits, files }, moved }
}

/** What is moved, and what stays where it is but belongs to it. */
async function openOld(
  parts: readonly MovedPart[],
  { config, logger, print }: MoveContext,
  steps: CleanUp,
): Promise<{ log: EventLog; server: Server }> {
  const log = parts.includes('log')
    ? await openEmbeddedLog({ folder: logFolder(config), logger })
    : await openLog(config, logger)
  steps.add('the log', () => log.close())
  const isMoved = parts.includes('clickhouse')
  const isHere = isMoved || config.clickhouse === undefined
  if (isHere) print('ClickHouse …')
  // The environment says how many there are to be.
  const shards = isMoved ? countServers(config) : config.shards
  const login = isHere ? await startOld({ ...config, shards }, logger, steps) : config.clickhouse!
  const warehouse = connectWarehouse(login)
  steps.add("ClickHouse's client", () => warehouse.close())
  return { log, server: { warehouse, login } }
}

async function startOld(config: Config, logger: Logger, steps: CleanUp): Promise<Server['login']> {
  const engine = await startEmbedded({ ...config, clickhouse: undefined }, logger)
  steps.add('ClickHouse', () => engine.stop())
  return engine
}

/** Both are looked at before either is begun. */
async function openNew(
  parts: readonly MovedPart[],
  incarnation: string,
  { config, logger }: MoveContext,
  steps: CleanUp,
): Promise<{ log: KafkaCopy | undefined; server: Server | undefined }> {
  const from = config.dataFolder
  const server = parts.includes('clickhouse') ? connectNew(config, steps) : undefined
  const servers = server ? shardsOf(server.warehouse) : []
  for (const one of servers) await requireNoTables(one, { incarnation, from })
  const begin = async () => {
    for (const one of servers) await beginMoving(one, { incarnation, from })
  }
  if (!parts.includes('log')) {
    await begin()
    return { log: undefined, server }
  }
  const { beginKafkaCopy, requireNoLog } = await import('../../core/log/kafka/copy-into-kafka.ts')
  const options = { ...config.kafka!, logger, topics: TOPIC_NAMES, incarnation, from }
  await requireNoLog(options)
  await begin()
  const log = await beginKafkaCopy(options)
  steps.add('the log at Kafka', () => log.close())
  return { log, server }
}

function connectNew(config: Config, steps: CleanUp): Server {
  const login = config.clickhouse!
  const warehouse = connectWarehouse(login)
  steps.add("the new ClickHouse's client", () => warehouse.close())
  return { warehouse, login }
}

function requireExact(report: AuditReport): void {
  if (isExact(report)) return
  const drifted = report.views.filter((view) => view.drifted > 0 && !view.mended)
  const why = [
    ...drifted.map(({ view, drifted: buckets }) => `${view}: ${buckets} buckets drift`),
    ...report.notAudited.map(({ view, why: reason }) => `${view}: ${reason}`),
  ]
  throw new RevwallError(
    'MOVE_NOT_EXACT',
    `Views and base table are apart (${why.join('; ')}); nothing was moved. Run revwall audit --mend on the folder, then move again.`,
  )
}
