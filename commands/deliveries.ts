/** `revwall deliveries`: what became of what was sent, and once more what was given up. */
import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { type Delivery, readDeliveries } from '../clickhouse/queries/read-deliveries.ts'
import { appendCommand } from '../core/log/append-command.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { configuredTenant } from './configured-tenant.ts'
import { knownEndpoint } from './known-endpoint.ts'
import { openLog } from './open-log.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { prepare } from './start-warehouse.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 1_000

export const deliveries: Command = {
  help: `Usage: revwall deliveries VERB [MESSAGE] [--tenant ID] [--endpoint ID] [--dead] [--limit N] [--by NAME] [--json]

  list                                the newest attempts; with --tenant, --endpoint, --limit, --json; --dead: what was given up
  replay MESSAGE --endpoint ID        one message once more, given up or not
  replay --dead --endpoint ID         all that this endpoint has given up

An event that an endpoint does not take is tried again after 5 s, then three times as long each time, at most 12 h, for
three days; then it is dead. A replay begins that anew, in the running revwall or the next one; the message has the same
webhook-id, so that a receiver that had it takes it once. The log keeps events for 90 days.

  --tenant ID     of this tenant only
  --endpoint ID   of this endpoint only
  --dead          what was given up
  --limit N       so many (default: ${DEFAULT_LIMIT}, at most ${MAX_LIMIT})
  --by NAME       who asks (default: the user of this process)
  --json          one JSON object a line`,
  run: async (context) => {
    const [verb = '', ...args] = context.args
    if (verb === 'list') return list({ ...context, args })
    if (verb === 'replay') return replay({ ...context, args })
    throw new RevwallError('BAD_USAGE', `deliveries takes list, replay, not "${verb}"`)
  },
}

async function list({ config, logger, args, print }: CommandContext): Promise<number> {
  const options = parseOptions(args, {
    tenant: { type: 'string' },
    endpoint: { type: 'string' },
    dead: { type: 'boolean' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  })
  const tenant = options.tenant === undefined ? undefined : configuredTenant(config, options.tenant)
  const limit = checkedLimit(options.limit)
  const status = options.dead ? ('dead' as const) : undefined
  const open = await openWarehouse(config, logger, 'program')
  try {
    await prepare(open.warehouse, logger)
    const { endpoint } = options
    const { rows, total } = await readDeliveries(open.warehouse, { tenant, endpoint, status, limit })
    for (const row of rows) print(options.json ? JSON.stringify(row) : lineOf(row))
    if (!options.json && total > rows.length) print(`… of ${total}`)
    if (!options.json && total === 0) print('no deliveries')
    return 0
  } finally {
    await open.close()
  }
}

function lineOf({
  at,
  status,
  endpoint,
  messageId,
  attempt,
  httpStatus,
  error,
  nextAttemptAt,
}: Delivery): string {
  const why = error === '' ? '' : `  ${error}`
  const next = nextAttemptAt === null ? '' : `  again ${nextAttemptAt}`
  return `${at}  ${status.padEnd(10)}  ${endpoint}  ${messageId}  #${attempt}  ${httpStatus ?? '–'}${why}${next}`
}

function checkedLimit(text: string | undefined): number {
  const limit = Number(text ?? DEFAULT_LIMIT)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new RevwallError('BAD_USAGE', `--limit takes a whole number from 1 to ${MAX_LIMIT}`)
}

async function replay({ config, logger, args, print }: CommandContext): Promise<number> {
  const { _, ...options } = parseOptions(
    args,
    { endpoint: { type: 'string' }, dead: { type: 'boolean' }, by: { type: 'string' } },
    [],
    ['a message'],
  )
  const [messageId] = _
  if ((messageId === undefined) === (options.dead !== true))
    throw new RevwallError('BAD_USAGE', 'replay takes a message or --dead: one of them')
  const { id: endpoint, tenant } = knownEndpoint(config, options.endpoint)
  const log = await openLog(config, logger)
  try {
    await appendCommand(log, {
      ...{ type: 'delivery.replay', schemaVersion: 1, commandId: randomUUID(), tenant, endpoint, messageId },
      ...{ at: new Date(systemClock.now()).toISOString(), by: options.by ?? userInfo().username },
    })
  } finally {
    await log.close()
  }
  print(
    `Asked for ${messageId ?? 'all that is dead'} of ${endpoint}; revwall deliveries list --endpoint ${endpoint} tells what becomes of it.`,
  )
  return 0
}
