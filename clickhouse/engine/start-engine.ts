import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { totalmem } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, systemClock } from '../../core/runtime/clock.ts'
import { errorCode, type RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { forgetCleanStop, type PreviousStop, previousStop } from './clean-stop.ts'
import { findLibrary } from './find-library.ts'
import { freePort } from './free-port.ts'
import { type LaunchOptions, type Life, launchServer } from './launch-server.ts'
import { passwordsOf } from './passwords.ts'
import { runEngine } from './run-engine.ts'
import type { ServerConfig, ShardConfig } from './write-config.ts'
import { type Access, type Analyst, analystUser } from './write-users.ts'

export interface EngineOptions {
  /** Holds the data, the log and the passwords. Made when it is not there. */
  folder: string
  tenants: string[]
  /** The run's database, e.g. `revwall_r1`: what a bare table name below belongs to. */
  database: string
  /** Tables and views with a tenant column, bare or qualified: each analyst reads its own rows of these. */
  tables: string[]
  /** Databases whose tables analysts see through views alone (DEFINER = VIEWS_USER). Default: the run's. */
  viewDatabases?: string[]
  /** Databases of Distributed tables that those views read. */
  overShards?: string[]
  /** Where this server is one of several, and the folder that has the passwords of all. */
  shards?: ShardConfig & { passwordsFolder: string }
  /** Tables without a tenant column that analysts may read whole. Whatever is in neither list is hidden from them. */
  openTables?: string[]
  logger: Logger
  clock?: Clock
  libraryPath?: string
  /** Default: any free one, chosen once and kept for as long as the engine lives. */
  port?: number
  /** Default: 4 GB or 40 % of the memory, whichever is smaller. */
  maxServerMemoryBytes?: number
  markCacheBytes?: number
  analystLimits?: Access['analystLimits']
  logLevel?: ServerConfig['logLevel']
  startTimeoutMs?: number
  stopTimeoutMs?: number
}

export interface EngineEvents {
  /** The server ended unasked; it is being started again. */
  down: (reason: string) => void
  /** It answers again, at the same address, as another life. */
  up: (lifeId: string) => void
  /** It failed too often in a row (ENGINE_GAVE_UP) and stays down. */
  gaveUp: (error: RevwallError) => void
}

export interface Engine {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly analysts: Analyst[]
  /** Changes with each start of the server. */
  readonly lifeId: string
  readonly pid: number
  readonly previousStop: PreviousStop
  /** Returns a function that takes the listener off again. */
  on<Event extends keyof EngineEvents>(event: Event, listener: EngineEvents[Event]): () => void
  /** Ends the server in good order, by force after `stopTimeoutMs`. Leaves no process. May be called again. */
  stop(): Promise<void>
  /** For tests: kill -9 of the server. It will be started again. */
  kill(): void
  /** The servers, where there are several (start-shards.ts); `url` has their addresses with commas then. */
  readonly shards?: readonly Engine[]
}

/**
 * Starts ClickHouse on `folder` as a child process and keeps it running. Call it from the main thread.
 * Throws ENGINE_NO_LIBRARY, ENGINE_LOCKED (another server has the folder and keeps it for seconds), ENGINE_PORT_TAKEN, ENGINE_START_FAILED.
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const folder = resolve(options.folder)
  const library = findLibrary(options.libraryPath)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const before = previousStop(folder)
  const access = accessOf(options, folder)
  const { clock = systemClock, logger, stopTimeoutMs = 10_000 } = options
  const { life, launch } = await firstLaunch(
    { ...settingsOf(options), folder, library, access },
    { wanted: options.port, clock },
  )
  forgetCleanStop(folder)
  logger.info('clickhouse is up', { pid: life.process.pid, port: launch.port, folder, previousStop: before })
  return runEngine({ life, launch, before, clock, logger, stopTimeoutMs })
}

const GIB = 2 ** 30
const MIB = 2 ** 20

function settingsOf(options: EngineOptions) {
  return {
    maxServerMemoryBytes: Math.floor(
      options.maxServerMemoryBytes ?? Math.min(4 * GIB, 0.4 * availableMemory()),
    ),
    markCacheBytes: options.markCacheBytes ?? 256 * MIB,
    logLevel: options.logLevel ?? 'information',
    startTimeoutMs: options.startTimeoutMs ?? 60_000,
    shards: options.shards,
  } as const
}

// In a container the machine's memory is not ours to count on.
function availableMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

function accessOf(options: EngineOptions, folder: string): Access {
  const { tenants, database, tables, viewDatabases = [database], openTables = [] } = options
  const users = tenants.map(analystUser)
  const passwords = passwordsOf(options.shards?.passwordsFolder ?? folder, ['revwall', ...users])
  const qualify = (table: string) => (table.includes('.') ? table : `${database}.${table}`)
  return {
    program: { user: 'revwall', password: passwords.get('revwall')! },
    analysts: tenants.map((tenant, i) => ({ tenant, user: users[i]!, password: passwords.get(users[i]!)! })),
    viewsPassword: options.shards?.password ?? randomBytes(24).toString('hex'),
    tenantTables: tables.map(qualify),
    viewDatabases,
    overShards: options.overShards ?? [],
    openTables: openTables.map(qualify),
    analystLimits: options.analystLimits ?? {
      executionSeconds: 30,
      memoryBytes: GIB,
      resultRows: 1_000_000,
    },
  }
}

const MAX_PORTS_TRIED = 3
/** The server of a revwall that was killed needs a moment to die: whoever starts that again at once waits for it. */
const LOCKED_FOR_MS = 5_000
const LOCKED_RETRY_MS = 250

/** A free port may be taken before the server has it, so another one is tried; a port that was asked for is not changed. */
async function firstLaunch(
  options: Omit<LaunchOptions, 'port'>,
  { wanted, clock }: { wanted: number | undefined; clock: Clock },
) {
  const lockedUntilMs = clock.now() + LOCKED_FOR_MS
  for (let ports = 1; ; ) {
    const launch: LaunchOptions = { ...options, port: wanted ?? (await freePort()) }
    try {
      return { life: await launchServer(launch), launch } satisfies { life: Life; launch: LaunchOptions }
    } catch (error) {
      const code = errorCode(error)
      if (code === 'ENGINE_LOCKED' && clock.now() < lockedUntilMs) await clock.sleep(LOCKED_RETRY_MS)
      else if (code === 'ENGINE_PORT_TAKEN' && wanted === undefined && ports < MAX_PORTS_TRIED) ports += 1
      else throw error
    }
  }
}
