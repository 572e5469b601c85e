/** `revwall screens`: the TVs that show a wall. */
import { approveScreen, listScreens, revokeScreen } from '../api/auth/screens.ts'
import { givenName } from '../core/contracts/access.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { configuredTenant } from './configured-tenant.ts'
import { parseOptions } from './parse-options.ts'
import { withAccess } from './with-access.ts'

export const screens: Command = {
  help: `Usage: revwall screens approve CODE --name TEXT --tenant ID | list | revoke ID

A TV at /tv shows a code. Approved, it shows the wall of one tenant, reads and does nothing else, and stays until it is
revoked; then it goes back to its code at once. An admin does the same on the page.

  approve CODE  lets the TV in that shows it
  list          all screens: id, tenant, since when, seen last, name
  revoke ID     shuts it out
  --name TEXT   where it hangs, in your words
  --tenant ID   whose wall it shows; must be configured`,
  run: async (context) => {
    const [action, ...args] = context.args
    if (action === 'approve') return approve({ ...context, args })
    if (action === 'list') return list({ ...context, args })
    if (action === 'revoke') return revoke({ ...context, args })
    throw new RevwallError('BAD_USAGE', `approve, list or revoke is wanted, not ${action ?? 'nothing'}`)
  },
}

function approve(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  const options = { tenant: { type: 'string' }, name: { type: 'string' } } as const
  const { tenant: asked, name, _ } = parseOptions(args, options, ['the code'])
  const tenant = configuredTenant(config, asked)
  const named = givenName.safeParse(name ?? '')
  if (!named.success) throw new RevwallError('BAD_USAGE', '--name is wanted, of at most 60 characters')
  return withAccess(context, (of) => {
    const approved = approveScreen(of, { code: _[0]!, name: named.data, tenant, by: 'the command' })
    print(`Screen ${approved.id} shows the wall of ${tenant}.`)
    return 0
  })
}

function list(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  parseOptions(args, {})
  return withAccess(context, (of) => {
    const all = listScreens(
      of,
      config.tenants.map(({ id }) => id),
    )
    for (const { id, tenant, createdAt, seenAt, name } of all)
      print(`${id}  ${tenant}  since ${createdAt}  seen ${seenAt ?? 'never'}  ${name}`)
    if (all.length === 0) print('There are no screens; open /tv on one, and approve the code that it shows.')
    return 0
  })
}

function revoke(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  const [id] = parseOptions(args, {}, ["a screen's id"])._
  return withAccess(context, (of) => {
    const tenants = config.tenants.map((tenant) => tenant.id)
    if (!revokeScreen(of, id!, tenants))
      throw new RevwallError(
        'UNKNOWN_SCREEN',
        `there is no screen ${id}; revwall screens list tells which there are`,
      )
    print(`Screen ${id} is shut out.`)
    return 0
  })
}
