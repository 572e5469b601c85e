/** `revwall users`: who may log in, as what, and whose walls they see. */
import { hashPassword } from '../api/auth/hash-password.ts'
import { changeUsers, readUsers, type StoredUser } from '../api/auth/user-file.ts'
import { ROLES, type Role, userName } from '../core/contracts/access.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { configuredTenant } from './configured-tenant.ts'
import { parseOptions } from './parse-options.ts'
import { type AskPassword, readPassword } from './read-password.ts'

const HELP = `Usage: revwall users add NAME --role ROLE --tenant ID [--tenant ID …] | list | passwd NAME | remove NAME

With the first user the wall wants a login; a running revwall sees a change within a second. Passwords are asked for, or
read from the standard input, and kept as scrypt hashes in REVWALL_USERS. Whose password changes, or who is removed, is
logged out everywhere. To go back to a wall without logins, stop revwall and delete that file.

  add           a new user
  list          all users: name, role, tenants, when the password was set
  passwd NAME   another password
  remove NAME   from then on the name opens nothing
  --role ROLE   viewer (looks), operator (lets TVs in too) or admin (screens and links too)
  --tenant ID   whose wall it is; of several the first is shown first`

export const users: Command = usersCommand(readPassword)

export function usersCommand(ask: AskPassword): Command {
  return {
    help: HELP,
    run: async (context) => {
      const [action, ...args] = context.args
      const given = { ...context, args }
      if (action === 'add') return add(given, ask)
      if (action === 'list') return list(given)
      if (action === 'passwd') return changePassword(given, ask)
      if (action === 'remove') return remove(given)
      throw new RevwallError('BAD_USAGE', `add, list, passwd or remove is wanted, not ${action ?? 'nothing'}`)
    },
  }
}

async function add({ config, args, print }: CommandContext, ask: AskPassword): Promise<number> {
  const options = { role: { type: 'string' }, tenant: { type: 'string', multiple: true } } as const
  const { role: asked, tenant, _ } = parseOptions(args, options, ["a user's name"])
  const name = checkedName(_[0]!)
  const role = checkedRole(asked)
  const tenants = [...new Set((tenant ?? [undefined]).map((id) => configuredTenant(config, id)))]
  const { usersFile } = config.access
  requireNew(readUsers(usersFile) ?? [], name)
  const password = await hashPassword(await ask())
  await changeUsers(usersFile, systemClock, (all) => {
    requireNew(all, name)
    return [...all, { name, role, tenants, password, changedAt: now() }]
  })
  print(`${name} is ${role} of ${tenants.join(', ')}.`)
  return 0
}

function requireNew(all: readonly StoredUser[], name: string): void {
  if (!all.some((user) => user.name === name)) return
  throw new RevwallError('USER_EXISTS', `there is a user ${name}; remove it first to change what it may`)
}

function checkedName(typed: string): string {
  const { data, error } = userName.safeParse(typed)
  if (data !== undefined) return data
  throw new RevwallError('BAD_USAGE', `a user's name: ${error?.issues[0]?.message}`)
}

function checkedRole(asked: string | undefined): Role {
  const role = ROLES.find((known) => known === asked)
  if (role !== undefined) return role
  throw new RevwallError('BAD_USAGE', `--role takes ${ROLES.join(', ')}, not ${asked ?? 'nothing'}`)
}

async function list({ config, args, print }: CommandContext): Promise<number> {
  parseOptions(args, {})
  const all = readUsers(config.access.usersFile) ?? []
  for (const { name, role, tenants, changedAt } of all)
    print(`${name}  ${role}  ${tenants.join(',')}  password of ${changedAt}`)
  if (all.length === 0) print('There are no users; revwall users add NAME makes one.')
  return 0
}

async function changePassword({ config, args, print }: CommandContext, ask: AskPassword): Promise<number> {
  const [name] = parseOptions(args, {}, ["a user's name"])._
  const { usersFile } = config.access
  requireKnown(readUsers(usersFile) ?? [], name!)
  const password = await hashPassword(await ask())
  await changeUsers(usersFile, systemClock, (all) => {
    requireKnown(all, name!)
    return all.map((user) => (user.name === name ? { ...user, password, changedAt: now() } : user))
  })
  print(`${name} has another password and is logged out everywhere, within a second.`)
  return 0
}

async function remove({ config, args, print }: CommandContext): Promise<number> {
  const [name] = parseOptions(args, {}, ["a user's name"])._
  await changeUsers(config.access.usersFile, systemClock, (all) => {
    requireKnown(all, name!)
    return all.filter((user) => user.name !== name)
  })
  print(`${name} opens nothing any more, within a second.`)
  return 0
}

function requireKnown(all: readonly StoredUser[], name: string): void {
  if (all.some((user) => user.name === name)) return
  throw new RevwallError('UNKNOWN_USER', `there is no user ${name}; revwall users list tells which there are`)
}

function now(): string {
  return new Date(systemClock.now()).toISOString()
}
