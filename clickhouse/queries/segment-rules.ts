/**
 * The versions of segments by thresholds, and a SQL function of ClickHouse for each. The rows are the truth; functions are
 * made from them, at every start and on every server, so that one that was lost with a server's folder comes back.
 *
 * They are of all tenants: functions are the server's, and whoever may ask it anything may read them.
 */
import { z } from 'zod'
import { errorCode, errorMessage, RevwallError } from '../../core/runtime/errors.ts'
import { DEFAULT_SEGMENT_RULES, type SegmentRules, segmentRules } from '../../core/segments/segment-rules.ts'
import { CONTROL_DATABASE } from '../migrations/read-migrations.ts'
import { quoteString } from '../native/quote-string.ts'
import { shardsOf } from '../shards.ts'
import type { Warehouse } from '../warehouse.ts'
import { toIso } from './scope.ts'
import { segmentFunctionName, segmentFunctionSql } from './segment-sql.ts'

export interface RulesVersion {
  version: number
  rules: SegmentRules
  /** ISO 8601, UTC; null: brought along. */
  at: string | null
  by: string
}

const TABLE = `${CONTROL_DATABASE}.segment_rules`
const BROUGHT_ALONG: RulesVersion = { version: 1, rules: DEFAULT_SEGMENT_RULES, at: null, by: '' }
const MAX_VERSIONS = 1_000
const MOVED = 'another version'
const storedRules = z.string().transform((text) => segmentRules.parse(JSON.parse(text)))

/** All of them, the newest last; the first one is always there. */
export async function readSegmentRules(warehouse: Warehouse): Promise<RulesVersion[]> {
  const rows = await warehouse.query<{ version: number; rules: string; by: string; at: string }>(
    `SELECT version, rules, stored_by AS by, at FROM ${TABLE} ORDER BY version`,
  )
  const stored = rows.map(({ rules, at, ...row }) => ({
    ...row,
    rules: storedRules.parse(rules),
    at: toIso(at),
  }))
  return [BROUGHT_ALONG, ...stored]
}

/**
 * Makes them the newest version, unless that is what the newest says. A compare-and-set on the version before: of two at
 * once one is refused. Throws SEGMENT_RULES_MOVED, SEGMENT_RULES_FULL.
 */
export async function storeSegmentRules(
  warehouse: Warehouse,
  unchecked: SegmentRules,
  by: string,
): Promise<{ version: number; isNew: boolean }> {
  const rules = JSON.stringify(segmentRules.parse(unchecked))
  const isSame = (known: RulesVersion) => JSON.stringify(known.rules) === rules
  const newest = (await readSegmentRules(warehouse)).at(-1)!
  if (isSame(newest)) return { version: newest.version, isNew: false }
  if (newest.version >= MAX_VERSIONS)
    throw new RevwallError('SEGMENT_RULES_FULL', `There are ${MAX_VERSIONS} versions of the rules; no more.`)
  const version = newest.version + 1
  try {
    await warehouse.command(
      `INSERT INTO ${TABLE} (version, rules, stored_by, at)
       SELECT {version:UInt32}, ${quoteString(rules)}, {by:String}, now64(3)
       WHERE throwIf((SELECT greatest(1, max(version)) FROM ${TABLE}) != {version:UInt32} - 1, '${MOVED}') = 0`,
      {
        queryId: `segment-rules:${version}`,
        params: { version, by },
        settings: { async_insert: 0, insert_deduplicate: 0 },
      },
    )
  } catch (cause) {
    // An answer may be lost after the row has landed.
    const now = (await readSegmentRules(warehouse)).at(-1)!
    if (now.version === newest.version && !errorMessage(cause).includes(MOVED)) throw cause
    if (now.version !== version || !isSame(now) || now.by !== by)
      throw new RevwallError('SEGMENT_RULES_MOVED', 'Somebody else stored rules at this moment.', { cause })
  }
  await ensureSegmentFunctions(warehouse)
  return { version, isNew: true }
}

/** Makes those that a server does not have. Throws SEGMENT_FUNCTIONS where that is not allowed. */
export async function ensureSegmentFunctions(warehouse: Warehouse): Promise<void> {
  const versions = await readSegmentRules(warehouse)
  await Promise.all(
    shardsOf(warehouse).map(async (server) => {
      const known = await server.query<{ name: string }>(
        `SELECT name FROM system.functions WHERE origin = 'SQLUserDefined'`,
      )
      const names = new Set(known.map(({ name }) => name))
      for (const { version, rules } of versions)
        if (!names.has(segmentFunctionName(version))) await makeFunction(server, version, rules)
    }),
  )
}

async function makeFunction(server: Warehouse, version: number, rules: SegmentRules): Promise<void> {
  try {
    await server.command(segmentFunctionSql(version, rules))
  } catch (cause) {
    if (errorCode(cause) !== ACCESS_DENIED) throw cause
    throw new RevwallError(
      'SEGMENT_FUNCTIONS',
      `${segmentFunctionName(version)} cannot be made: the user of CLICKHOUSE_URL needs GRANT CREATE FUNCTION ON *.*`,
      { cause },
    )
  }
}

const ACCESS_DENIED = 'CLICKHOUSE_497'
