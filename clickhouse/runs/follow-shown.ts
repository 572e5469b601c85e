/**
 * The api's pointer: which run is shown, and which table stands behind each name. Queries name one database that stands
 * for whatever is shown at the moment, so that nothing else has to know; asking costs a look into memory.
 */
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { resolveDatabase, tableOf } from '../queries/scope.ts'
import { readingDatabase } from '../shards.ts'
import { readMoves } from '../views/view-pointers.ts'
import type { Warehouse } from '../warehouse.ts'
import { readRuns } from './read-runs.ts'
import type { Run } from './run.ts'

export interface Shown {
  /** Give it to queries in place of a run's database. */
  readonly database: string
  /** Undefined before the first answer of ClickHouse. */
  run(): Run | undefined
  /** Called after the pointer moved to another run (`run`), or a name to another table. */
  onMove(listener: (what: 'run' | 'table') => void): void
  /** Looks now. */
  refresh(): Promise<void>
  stop(): Promise<void>
}

export interface FollowOptions {
  warehouse: Warehouse
  clock: Clock
  logger: Logger
  control?: string
}

const INTERVAL_MS = 1_000
const INTERVAL_BEFORE_FIRST_MS = 100
let followers = 0

/** Resolves after the first look, whether ClickHouse answered or not. */
export async function followShown(options: FollowOptions): Promise<Shown> {
  const { warehouse, clock, logger, control } = options
  const ending = new AbortController()
  const listeners = new Set<(what: 'run' | 'table') => void>()
  let now: Pointer | undefined
  let complaint: string | undefined
  const database = `revwall_shown_${++followers}`
  const forget = resolveDatabase(database, (table) => {
    if (now === undefined) throw unknown()
    const read = readingDatabase(warehouse, now.run.database)
    return tableOf({ database: read }, now.tables.get(table) ?? table)
  })
  await look()
  const looking = keepLooking()
  return {
    database,
    run: () => now?.run,
    onMove: (listener) => void listeners.add(listener),
    refresh: look,
    stop: async () => {
      ending.abort()
      await looking
      forget()
    },
  }

  async function look(): Promise<void> {
    try {
      const next = await readPointer(warehouse, control)
      const before = now
      now = next
      complaint = undefined
      const what = before && moved(before, next)
      if (what !== undefined) for (const listener of listeners) listener(what)
    } catch (error) {
      if (!(error instanceof RevwallError)) throw error
      // Once for each kind; until it answers again what was known holds.
      if (errorCode(error) !== complaint)
        logger.debug('cannot read the pointer', { why: errorMessage(error) })
      complaint = errorCode(error)
    }
  }

  async function keepLooking(): Promise<void> {
    while (!ending.signal.aborted) {
      await clock.sleep(now === undefined ? INTERVAL_BEFORE_FIRST_MS : INTERVAL_MS, ending.signal)
      if (!ending.signal.aborted) await look()
    }
  }
}

interface Pointer {
  run: Run
  tables: ReadonlyMap<string, string>
}

async function readPointer(warehouse: Warehouse, control?: string): Promise<Pointer> {
  const { shown } = await readRuns(warehouse, control)
  const moves = await readMoves({ warehouse, database: shown.database }).catch((error: unknown) => {
    // Not migrated yet: nothing was ever moved.
    if (['CLICKHOUSE_60', 'CLICKHOUSE_81'].includes(errorCode(error) ?? '')) return []
    throw error
  })
  return { run: shown, tables: new Map(moves.map(({ logical, table }) => [logical, table])) }
}

function moved(before: Pointer, next: Pointer): 'run' | 'table' | undefined {
  if (before.run.run !== next.run.run) return 'run'
  const isSame =
    before.tables.size === next.tables.size &&
    [...next.tables].every(([name, table]) => before.tables.get(name) === table)
  return isSame ? undefined : 'table'
}

// The code by which everybody knows that ClickHouse is away.
function unknown(): RevwallError {
  return new RevwallError('CLICKHOUSE_UNREACHABLE', 'ClickHouse has not told yet which run is shown.')
}
