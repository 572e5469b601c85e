/** `revwall segments`: the rules by which customers are divided by absolute thresholds. */
import { userInfo } from 'node:os'
import {
  type RulesVersion,
  readSegmentRules,
  storeSegmentRules,
} from '../clickhouse/queries/segment-rules.ts'
import { segmentFunctionName, segmentFunctionSql } from '../clickhouse/queries/segment-sql.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { errorMessage, RevwallError } from '../core/runtime/errors.ts'
import { SEGMENT_CHOICES } from '../core/segments/segment-modes.ts'
import { type SegmentRules, segmentRules } from '../core/segments/segment-rules.ts'
import type { Command, CommandContext } from './command.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { readText } from './read-text.ts'
import { prepare } from './start-warehouse.ts'

const MAX_FILE_BYTES = 2 ** 20
const MAX_FAULTS_TOLD = 10

const HELP = `Usage: revwall segments rules VERB [FILE | VERSION] [--by NAME] [--sql] [--json]

  rules list             all versions: when they were stored, by whom, and their segments; with --json
  rules show [VERSION]   as JSON that \`set\` takes, the newest if none is named; with --sql its function
  rules set FILE         stores a new version, unless it says what the newest says; with --by

Customers are divided live as REVWALL_SEGMENTS says: ${SEGMENT_CHOICES.slice(0, -1).join(', ')} by
their scores in fifths, or rules by thresholds: days since the last order, orders, revenue in the tenant's currency. All
ways can be asked for (/api/v1/segments?mode=rules&version=1). The first rule that holds names the segment:

  {"segments": [{"id": "vip", "en": "VIPs", "pt": "VIPs"}, {"id": "rest", "en": "The rest", "pt": "Os demais"}],
   "rules": [{"to": "vip", "when": [{"of": "recency", "is": "<=", "value": 30},
                                    {"of": "monetary", "is": ">=", "value": "1000"}]}],
   "otherwise": "rest"}

Each version is a function of ClickHouse, for any query: revwall_segment_v1(days, orders, revenue). Versions are never
changed, and hold for all tenants. A running revwall divided by rules goes on with the newest within seconds; that alone
is no customer's move.

  --by NAME   who stores it (default: the user of this process)
  --sql       the statement that makes the function
  --json      one JSON object a line`

export const segments: Command = {
  help: HELP,
  run: async (context) => {
    const [what = '', verb = '', ...args] = context.args
    if (what !== 'rules') throw new RevwallError('BAD_USAGE', `segments takes rules, not "${what}"`)
    if (Object.hasOwn(VERBS, verb)) return VERBS[verb]!({ ...context, args })
    throw new RevwallError(
      'BAD_USAGE',
      `segments rules takes ${Object.keys(VERBS).join(', ')}, not "${verb}"`,
    )
  },
}

const VERBS: Record<string, (context: CommandContext) => Promise<number>> = { list, show, set }

async function list(context: CommandContext): Promise<number> {
  const options = parseOptions(context.args, { json: { type: 'boolean' } })
  for (const version of await onWarehouse(context, readSegmentRules))
    context.print(options.json ? JSON.stringify(version) : lineOf(version))
  return 0
}

function lineOf({ version, rules, at, by }: RulesVersion): string {
  const when = at === null ? 'brought along' : `${at} ${by}`
  return `${segmentFunctionName(version)}  ${when}  ${rules.segments.map(({ id }) => id).join(', ')}`
}

async function show(context: CommandContext): Promise<number> {
  const { _, sql } = parseOptions(context.args, { sql: { type: 'boolean' } }, [], ['a version'])
  const [asked] = _
  const versions = await onWarehouse(context, readSegmentRules)
  const found =
    asked === undefined ? versions.at(-1) : versions.find(({ version }) => String(version) === asked)
  if (found === undefined)
    throw new RevwallError(
      'UNKNOWN_VERSION',
      `there is no version ${asked}; the newest is ${versions.length}`,
    )
  context.print(
    sql ? segmentFunctionSql(found.version, found.rules) : JSON.stringify(found.rules, undefined, 2),
  )
  return 0
}

async function set(context: CommandContext): Promise<number> {
  const options = parseOptions(context.args, { by: { type: 'string' } }, ['one file'])
  const rules = parseRules(readText(options._[0]!, MAX_FILE_BYTES))
  const by = options.by ?? userInfo().username
  const stored = await onWarehouse(context, (warehouse) => storeSegmentRules(warehouse, rules, by))
  const name = segmentFunctionName(stored.version)
  context.print(stored.isNew ? `stored as ${name}` : `${name}, the newest, says that already`)
  return 0
}

async function onWarehouse<Told>(
  { config, logger }: CommandContext,
  ask: (warehouse: Warehouse) => Promise<Told>,
): Promise<Told> {
  const open = await openWarehouse(config, logger, 'program')
  try {
    await prepare(open.warehouse, logger)
    return await ask(open.warehouse)
  } finally {
    await open.close()
  }
}

/** Throws BAD_FILE that tells the first faults by their places. */
export function parseRules(text: string): SegmentRules {
  const parsed = segmentRules.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  )
  throw new RevwallError('BAD_FILE', `no rules:\n${faults.slice(0, MAX_FAULTS_TOLD).join('\n')}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new RevwallError('BAD_FILE', `not JSON: ${errorMessage(cause)}`, { cause })
  }
}
