/** `revwall analyst`: how other programs ask ClickHouse as a tenant's read-only analyst. */
import { join } from 'node:path'
import { passwordsOf } from '../clickhouse/engine/passwords.ts'
import { analystUser } from '../clickhouse/engine/write-users.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { folderOwner } from '../core/runtime/lock-folder.ts'
import { clickhouseFolder } from './clickhouse-folders.ts'
import type { Command } from './command.ts'
import { CONTROL_DATABASE } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'

export const analyst: Command = {
  help: `Usage: revwall analyst [--tenant ID]

Prints connection strings for Grafana, Metabase, notebooks and the like. The analyst reads the revwall.v1_… views, of them
the tenant's rows, with limits of time, memory and rows, and can change nothing. \`revwall sql\` asks as the same user. The
strings hold its password: keep them as one. The embedded ClickHouse has another port after each start.

  --tenant ID   whose analyst (default: the first tenant)`,
  run: async ({ config, args, print }) => {
    const options = parseOptions(args, { tenant: { type: 'string' } })
    const tenant = options.tenant ?? config.tenants[0]!.id
    if (!config.tenants.some(({ id }) => id === tenant))
      throw new RevwallError('UNKNOWN_TENANT', `tenant ${tenant} is not configured`)
    if (config.clickhouse !== undefined)
      throw new RevwallError(
        'NOT_EMBEDDED',
        'CLICKHOUSE_URL is set: users are made on that server, by whoever runs it',
      )
    // Of several servers the first: its views read from all.
    const url = folderOwner(config.dataFolder)?.warehouse?.split(',')[0]
    if (!url) throw new RevwallError('NOT_RUNNING', 'nothing runs on this folder: start `revwall up` first')
    const folder = clickhouseFolder(config)
    const user = analystUser(tenant)
    const password = passwordsOf(folder, [user]).get(user)!
    for (const line of connectionLines({ url, user, password })) print(line)
    print(`password   in ${join(folder, 'passwords.json')}, under ${user}`)
    return 0
  },
}

/** The password is hex and the user's name has letters, digits, `_` and `-`: neither needs escaping anywhere here. */
export function connectionLines({
  url,
  user,
  password,
}: {
  url: string
  user: string
  password: string
}): string[] {
  const { host, hostname, port } = new URL(url)
  const login = `${user}:${password}`
  const query =
    'SELECT day, sum(booked_revenue) AS revenue FROM revwall.v1_headline GROUP BY day ORDER BY day'
  return [
    `http       http://${login}@${host}/?database=${CONTROL_DATABASE}`,
    `curl       curl -u ${login} http://${host}/ --data-binary '${query} FORMAT CSVWithNames'`,
    `jdbc       jdbc:clickhouse:http://${host}/${CONTROL_DATABASE}?user=${user}&password=${password}`,
    `dsn        clickhouse://${login}@${host}/${CONTROL_DATABASE}?protocol=http`,
    `fields     host ${hostname}, port ${port}, protocol HTTP, database ${CONTROL_DATABASE}, user ${user}, password ${password}`,
    'native     off: clickhouse-client and native drivers cannot connect to the embedded server',
  ]
}
