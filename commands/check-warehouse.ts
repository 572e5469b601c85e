/** What `doctor` asks of ClickHouse: its version, its clock, the guard, and the shape of every table and view. */
import { randomBytes } from 'node:crypto'
import { compareSchema, type SchemaFault } from '../clickhouse/audit/compare-schema.ts'
import { listAuditedViews } from '../clickhouse/audit/list-audited-views.ts'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { shardsOf } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import type { Config } from '../core/runtime/env.ts'
import { errorMessage } from '../core/runtime/errors.ts'
import type { Logger } from '../core/runtime/logger.ts'
import { CONTROL_DATABASE, type OpenWarehouse } from './open-warehouse.ts'
import { prepare, publish } from './start-warehouse.ts'

/** The one that all was tried on. */
const TRIED_VERSION = '26.7'
const MAX_CLOCK_DIFFERENCE_MS = 5_000

export async function checkServer(
  { warehouse, url }: OpenWarehouse,
  { clickhouse }: Config,
): Promise<string> {
  const ask = 'SELECT version() AS version, toString(toUnixTimestamp64Milli(now64(3))) AS now'
  const [row] = await warehouse.query<{ version: string; now: string }>(ask).catch((error) => {
    const fix =
      clickhouse === undefined
        ? 'look into clickhouse/server.log in the data folder'
        : 'start it, or put CLICKHOUSE_URL, CLICKHOUSE_USER and CLICKHOUSE_PASSWORD right'
    throw new Error(`${url}: ${errorMessage(error)}: ${fix}`)
  })
  const apartMs = Math.abs(Date.now() - Number(row!.now))
  if (apartMs > MAX_CLOCK_DIFFERENCE_MS)
    throw new Error(
      `its clock and this one are ${(apartMs / 1_000).toFixed()} s apart: set both by NTP, for barriers end by the clock`,
    )
  const { version } = row!
  return `${version} at ${url}${version.startsWith(`${TRIED_VERSION}.`) ? '' : `; all was tried on ${TRIED_VERSION}`}`
}

/** Migrations too: a database of a newer revwall is refused there. */
export async function checkGuard(warehouse: Warehouse, logger: Logger): Promise<string> {
  await prepare(warehouse, logger)
  return 'migrated, and it refuses what it must'
}

/** Of every run that is open. */
export async function checkViews(warehouse: Warehouse): Promise<string> {
  const { open } = await readRuns(warehouse, CONTROL_DATABASE)
  let audited = 0
  for (const { database } of open)
    for (const server of shardsOf(warehouse)) audited += await checkRun(server, database)
  await publish(warehouse).catch((error) => {
    throw new Error(`the v1_… views cannot be published (${errorMessage(error)}): run revwall migrate`)
  })
  return `${audited} views as the migrations made them, all of them audited`
}

async function checkRun(warehouse: Warehouse, database: string): Promise<number> {
  const nonce = randomBytes(6).toString('hex')
  const faults = await compareSchema(warehouse, { database, controlDatabase: CONTROL_DATABASE, nonce })
  if (faults.length > 0) throw new Error(faults.map((fault) => adviceOf(fault, database)).join('; '))
  const { views, skipped } = await listAuditedViews(warehouse, database)
  if (skipped.length === 0) return views.length
  throw new Error(
    skipped
      .map(
        ({ view, reason }) =>
          `${view} cannot be audited (${reason}): drop it, or make it a view of signed sums`,
      )
      .join('; '),
  )
}

function adviceOf({ table, what, file }: SchemaFault, database: string): string {
  const column = /^has the column (\S+)/.exec(what)?.[1]
  const mend =
    column === undefined
      ? `make it as clickhouse/migrations/${file} says (database ${database}), then run: revwall audit --mend`
      : `drop it: ALTER TABLE ${database}.${table} DROP COLUMN ${column}`
  return `${table} ${what}: ${mend}`
}
