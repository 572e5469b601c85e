/** `revwall shares`: links that show a wall for some days. */
import { createShare, listShares, revokeShare } from '../api/auth/shares.ts'
import { DEFAULT_SHARE_DAYS, givenName, MAX_SHARE_DAYS } from '../core/contracts/access.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command, CommandContext } from './command.ts'
import { configuredTenant } from './configured-tenant.ts'
import { parseOptions } from './parse-options.ts'
import { withAccess } from './with-access.ts'

export const shares: Command = {
  help: `Usage: revwall shares add --name TEXT --tenant ID [--days N] | list | revoke ID

A link shows the wall of one tenant to whoever has it, reads and does nothing else, until it expires or is revoked. It
counts once there are users. An admin does the same on the page.

  add           makes a link and prints it, once
  list          links that hold: id, tenant, until when, used last, name
  revoke ID     ends it; who came by it is shut out at once
  --name TEXT   for whom it is, in your words
  --tenant ID   whose wall it shows; must be configured
  --days N      ${DEFAULT_SHARE_DAYS} if not said, at most ${MAX_SHARE_DAYS}`,
  run: async (context) => {
    const [action, ...args] = context.args
    if (action === 'add') return add({ ...context, args })
    if (action === 'list') return list({ ...context, args })
    if (action === 'revoke') return revoke({ ...context, args })
    throw new RevwallError('BAD_USAGE', `add, list or revoke is wanted, not ${action ?? 'nothing'}`)
  },
}

function add(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  const text = { type: 'string' } as const
  const { tenant: asked, name, days: typed } = parseOptions(args, { tenant: text, name: text, days: text })
  const tenant = configuredTenant(config, asked)
  const named = givenName.safeParse(name ?? '')
  if (!named.success) throw new RevwallError('BAD_USAGE', '--name is wanted, of at most 60 characters')
  const days = Number(typed ?? DEFAULT_SHARE_DAYS)
  if (!(days > 0 && days <= MAX_SHARE_DAYS))
    throw new RevwallError('BAD_USAGE', `--days takes a number above 0 and at most ${MAX_SHARE_DAYS}`)
  return withAccess(context, (of) => {
    const { share, token } = createShare(of, { name: named.data, tenant, days, by: 'the command' })
    const page = config.access.origins[0] ?? `http://127.0.0.1:${config.port}`
    print(
      `${page}/share#${token}\n\nThe wall of ${tenant} until ${share.expiresAt}. The link is not kept anywhere: this is the only time that it is shown.`,
    )
    return 0
  })
}

function list(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  parseOptions(args, {})
  return withAccess(context, (of) => {
    const all = listShares(
      of,
      config.tenants.map(({ id }) => id),
    )
    for (const { id, tenant, expiresAt, seenAt, name } of all)
      print(`${id}  ${tenant}  until ${expiresAt}  used ${seenAt ?? 'never'}  ${name}`)
    if (all.length === 0) print('There are no links; revwall shares add makes one.')
    return 0
  })
}

function revoke(context: CommandContext): Promise<number> {
  const { config, args, print } = context
  const [id] = parseOptions(args, {}, ["a link's id"])._
  return withAccess(context, (of) => {
    const tenants = config.tenants.map((tenant) => tenant.id)
    if (!revokeShare(of, id!, tenants))
      throw new RevwallError(
        'UNKNOWN_SHARE',
        `there is no link ${id}; revwall shares list tells which there are`,
      )
    print(`Link ${id} opens nothing any more.`)
    return 0
  })
}
