import { shardsOf } from '../../clickhouse/shards.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'

/**
 * Lives of the ClickHouse server, told apart by when it was started. After a life that did not end cleanly base and
 * views may be apart, so all views are audited: until then the life is *unvouched*.
 *
 * A row `started` is written before anything else in a life, because a life that crashed may have left parts in views
 * and no mark. `clean` and `audited` vouch for a life, until it is `started` again: a server may live on while revwall
 * stops and comes back. An audit vouches for lives that are over, never for the present one.
 */
export type LifeState = 'started' | 'clean' | 'audited'

/** Two readings of one start differ by the second that now() and uptime() are each cut to, and by no more. */
const SAME_LIFE_SECONDS = 1

export const isSameLife = (a: number, b: number) => Math.abs(a - b) <= SAME_LIFE_SECONDS

/** When the server was started, seconds since 1970, ± 1: what marks carry as `mark_server_start`. */
export async function readServerStart(warehouse: Warehouse): Promise<number> {
  const [row] = await warehouse.query<{ start: string }>(
    'SELECT toUnixTimestamp(now()) - toInt64(uptime()) AS start',
  )
  return Number(row!.start)
}

/** Of each server, where there are several. */
export function readServerStarts(warehouse: Warehouse): Promise<number[]> {
  return Promise.all(shardsOf(warehouse).map(readServerStart))
}

export async function recordStarted(
  warehouse: Warehouse,
  database: string,
  serverStart: number,
): Promise<void> {
  const lives = await readLives(warehouse, database)
  if (!lives.some((life) => life.state === 'started' && isSameLife(life.serverStart, serverStart)))
    await record(warehouse, database, [serverStart], 'started')
}

/** Call it when nothing of ours is under way any more, before the server is ended in good order. */
export async function recordCleanStop(warehouse: Warehouse, database: string): Promise<void> {
  await record(warehouse, database, [await readServerStart(warehouse)], 'clean')
}

/** All views were compared since these lives ended. */
export function recordAudited(warehouse: Warehouse, database: string, serverStarts: number[]): Promise<void> {
  return record(warehouse, database, serverStarts, 'audited')
}

export async function wasCleanlyStopped(
  warehouse: Warehouse,
  database: string,
  serverStart: number,
): Promise<boolean> {
  const lives = await readLives(warehouse, database)
  return lives.some((life) => life.state === 'clean' && isSameLife(life.serverStart, serverStart))
}

export interface LifeCheck {
  currentServerStart: number
  /** `mark_server_start` of the newest marks: lives that are known even where their row is missing. 0 is none. */
  lastMarkServerStarts: number[]
}

/** Lives that ended otherwise than cleanly and were not audited since, oldest first. */
export async function unvouchedLives(
  warehouse: Warehouse,
  database: string,
  check: LifeCheck,
): Promise<number[]> {
  const lives = await readLives(warehouse, database)
  const vouched = lives.filter(({ state }) => state !== 'started')
  const known = [
    ...lives.map(({ serverStart }) => serverStart),
    ...check.lastMarkServerStarts.filter((at) => at > 0),
  ]
  const isOpen = (start: number) =>
    !isSameLife(start, check.currentServerStart) &&
    !vouched.some((life) => isSameLife(life.serverStart, start))
  return [...new Set(known.filter(isOpen))].sort((a, b) => a - b)
}

/** True when views may be apart from the base since before this life of the server. */
export async function needsFullAudit(
  warehouse: Warehouse,
  database: string,
  check: { currentServerStart: number; lastMarkServerStart: number },
): Promise<boolean> {
  const { currentServerStart, lastMarkServerStart } = check
  const lastMarkServerStarts = [lastMarkServerStart]
  return (await unvouchedLives(warehouse, database, { currentServerStart, lastMarkServerStarts })).length > 0
}

interface Life {
  serverStart: number
  /** The newest one. */
  state: LifeState
}

// Two rows of one life may tell starts that are a second apart, so they are brought together here and not in SQL.
async function readLives(warehouse: Warehouse, database: string): Promise<Life[]> {
  const rows = await warehouse.query<{ start: string; state: LifeState }>(
    `SELECT server_start AS start, state FROM ${database}.server_lives ORDER BY at, state = 'started'`,
  )
  const lives: Life[] = []
  for (const { start, state } of rows) {
    const life = lives.findLast(({ serverStart }) => isSameLife(serverStart, Number(start)))
    if (life === undefined) lives.push({ serverStart: Number(start), state })
    else life.state = state
  }
  return lives
}

async function record(warehouse: Warehouse, database: string, serverStarts: number[], state: LifeState) {
  await warehouse.command(
    `INSERT INTO ${database}.server_lives (server_start, state, at)
     SELECT arrayJoin({serverStarts:Array(Int64)}), {state:String}, now64(3)`,
    { params: { serverStarts, state }, settings: { async_insert: 0 } },
  )
}
