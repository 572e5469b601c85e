/** `revwall sql`: a query as the tenant's read-only analyst. */

import type { Command } from './command.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'

export const sql: Command = {
  help: `Usage: revwall sql [--tenant ID] [--json] "SELECT …"

Runs one query as the tenant's analyst, who sees that tenant's rows only and can change nothing. There are the views
revwall.v1_headline, v1_quarter_hours, v1_products, v1_customer_days, v1_latest_orders, v1_orders and more:
SELECT name, comment FROM system.tables WHERE database = 'revwall'. \`revwall analyst\` lets other programs in.

  --tenant ID   whose analyst (default: the first tenant)
  --json        one JSON object a line, numbers of 64 bits and decimals as strings`,
  run: async ({ config, logger, args, print }) => {
    const fields = { tenant: { type: 'string' }, json: { type: 'boolean' } } as const
    const options = parseOptions(args, fields, ['one query in quotes'])
    const query = options._[0]!
    const tenant = options.tenant ?? config.tenants[0]!.id
    const open = await openWarehouse(config, logger, tenant)
    try {
      const rows = await open.warehouse.query<Record<string, unknown>>(query)
      if (options.json) for (const row of rows) print(JSON.stringify(row))
      else print(asTable(rows))
      return 0
    } finally {
      await open.close()
    }
  },
}

/** Columns by width, numbers to the right. */
function asTable(rows: readonly Record<string, unknown>[]): string {
  if (rows.length === 0) return '(no rows)'
  const names = Object.keys(rows[0]!)
  const cells = rows.map((row) => names.map((name) => textOf(row[name])))
  const widths = names.map((name, i) => Math.max(name.length, ...cells.map((row) => row[i]!.length)))
  const isNumber = names.map((_, i) => cells.every((row) => /^-?[\d.]+$|^—$/.test(row[i]!)))
  const pad = (text: string, i: number) => (isNumber[i] ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))
  return [names, ...cells].map((row) => row.map(pad).join('  ').trimEnd()).join('\n')
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '—'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
