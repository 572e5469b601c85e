/** `revwall keys`: who may push orders, and for which tenant. */
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { createApiKey, hashKey } from '../ingest/http/api-key.ts'
import { changeKeys, keyFilePath, readKeys, type StoredKey } from '../ingest/http/key-file.ts'
import type { Command, CommandContext } from './command.ts'
import { configuredTenant } from './configured-tenant.ts'
import { parseOptions } from './parse-options.ts'

export const keys: Command = {
  help: `Usage: revwall keys add --tenant ID [--name TEXT] | list | revoke ID

Keys open POST /ingest/orders and /ingest/annotations, each for one tenant. They are kept as hashes in the data folder; a
running revwall sees a change within a second.

  add           makes a key and prints it, once
  list          all keys: id, tenant, when made, when revoked, name
  revoke ID     from then on the key opens nothing
  --tenant ID   whose orders come with it; must be configured
  --name TEXT   what it is for, in your words`,
  run: async (context) => {
    const [action, ...args] = context.args
    if (action === 'add') return add({ ...context, args })
    if (action === 'list') return list({ ...context, args })
    if (action === 'revoke') return revoke({ ...context, args })
    throw new RevwallError('BAD_USAGE', `add, list or revoke is wanted, not ${action ?? 'nothing'}`)
  },
}

async function add({ config, args, print }: CommandContext): Promise<number> {
  const options = parseOptions(args, { tenant: { type: 'string' }, name: { type: 'string' } })
  const tenant = configuredTenant(config, options.tenant)
  const { id, key } = createApiKey()
  const name = options.name ?? ''
  const stored = {
    id,
    tenant,
    name: checkedName(name),
    hash: hashKey(key),
    createdAt: now(),
    revokedAt: null,
  }
  await changeKeys(keyFilePath(config.dataFolder), systemClock, (all) => [...all, stored])
  print(
    `${key}\n\nA key for the orders of ${tenant}. It is not kept anywhere: this is the only time that it is shown.`,
  )
  return 0
}

const MAX_NAME_CHARS = 100

function checkedName(name: string): string {
  if (name.length <= MAX_NAME_CHARS && /^[^\p{Cc}\p{Cs}]*$/u.test(name)) return name
  throw new RevwallError(
    'BAD_USAGE',
    `--name takes at most ${MAX_NAME_CHARS} characters, no control characters among them`,
  )
}

async function list({ config, args, print }: CommandContext): Promise<number> {
  parseOptions(args, {})
  const all = readKeys(keyFilePath(config.dataFolder))
  for (const key of all) print(lineOf(key))
  if (all.length === 0) print('There are no keys; revwall keys add --tenant ID makes one.')
  return 0
}

function lineOf({ id, tenant, createdAt, revokedAt, name }: StoredKey): string {
  const state = revokedAt === null ? 'open' : `revoked ${revokedAt}`
  return `${id}  ${tenant}  made ${createdAt}  ${state}  ${name}`.trimEnd()
}

async function revoke({ config, args, print }: CommandContext): Promise<number> {
  const [id] = parseOptions(args, {}, ["a key's id"])._
  await changeKeys(keyFilePath(config.dataFolder), systemClock, (all) => {
    if (!all.some((key) => key.id === id))
      throw new RevwallError('UNKNOWN_KEY', `there is no key ${id}; revwall keys list tells which there are`)
    return all.map((key) => (key.id === id ? { ...key, revokedAt: key.revokedAt ?? now() } : key))
  })
  print(`Key ${id} opens nothing any more, within a second.`)
  return 0
}

function now(): string {
  return new Date(systemClock.now()).toISOString()
}
