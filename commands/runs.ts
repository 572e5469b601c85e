/** `revwall runs`: deliberate replay into a new run beside the one that is shown, and back. */
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import { readingDatabase } from '../clickhouse/shards.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { dropRun } from './change-runs/drop-run.ts'
import { openRun } from './change-runs/open-run.ts'
import { switchRun } from './change-runs/switch-run.ts'
import type { Command, CommandContext } from './command.ts'
import { openLog } from './open-log.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { readLag } from './run-lag.ts'

export const runs: Command = {
  help: `Usage: revwall runs [new | switch RUN | drop RUN] [--json]

A run is one life of the tables, with a database of its own. Without an argument it lists them: what they have, how many
records they are behind the log, and which one is shown. It works while \`up\` runs, and what it asks for is done there.

  new           opens another run at the log's beginning; \`up\` fills it beside the shown one, at low priority, by the rules
                of now (a tenant's time zone, the status table). Refused where the log does not reach back to its beginning
  switch RUN    audits it, and shows it: the wall, the api and the v1 views follow within a second, without a restart.
                Refused until it has caught up. Switch back in the same way
  drop RUN      takes its database away for ever. Refused for the shown one

  --json        the list as one JSON object a line`,
  run: async (context) => {
    const { config, logger, args, print } = context
    const options = parseOptions(
      args.slice(args[0]?.startsWith('-') === false ? 1 : 0),
      { json: { type: 'boolean' } },
      wantedOf(args[0]),
    )
    const open = await openWarehouse(config, logger, 'program')
    try {
      await act(context, open.warehouse, args[0], options._[0])
      if (args[0] === undefined || args[0].startsWith('-')) {
        const rows = await listRuns(context, open.warehouse)
        for (const row of rows) print(options.json ? JSON.stringify(row) : lineOf(row))
      }
      return 0
    } finally {
      await open.close()
    }
  },
}

const wantedOf = (verb: string | undefined) => (verb === 'switch' || verb === 'drop' ? ['a run'] : [])

async function act(
  context: CommandContext,
  warehouse: Warehouse,
  verb: string | undefined,
  run: string | undefined,
): Promise<void> {
  const { config, logger, print } = context
  if (verb === undefined || verb.startsWith('-')) return
  const log = await openLog(config, logger)
  const options = { warehouse, log, logger, tenants: config.tenants }
  try {
    if (verb === 'new') {
      const opened = await openRun(options)
      print(`${opened.run} is open in ${opened.database}; processors fill it (revwall runs tells how far)`)
    } else if (verb === 'switch') {
      await switchRun(options, run!)
      print(`${run} is shown`)
    } else if (verb === 'drop') {
      await dropRun(options, run!)
      print(`${run} is dropped`)
    } else throw new RevwallError('BAD_USAGE', `runs takes new, switch or drop, not ${verb}`)
  } finally {
    await log.close()
  }
}

interface RunRow {
  run: string
  database: string
  /** Of the newest batch. */
  code: string
  rows: number
  lag: number
  shown: boolean
}

async function listRuns({ config, logger }: CommandContext, warehouse: Warehouse): Promise<RunRow[]> {
  const { open, shown } = await readRuns(warehouse)
  const log = await openLog(config, logger)
  try {
    const rows = open.map(async (each) => {
      const { records, code } = await readLag(warehouse, log, each)
      const rows = await countRows(warehouse, each.database)
      return {
        ...each,
        code: code || each.code,
        rows,
        lag: records,
        shown: each.run === shown.run,
      }
    })
    return await Promise.all(rows)
  } finally {
    await log.close()
  }
}

async function countRows(warehouse: Warehouse, database: string): Promise<number> {
  const [row] = await warehouse.query<{ rows: string }>(
    `SELECT count() AS rows FROM ${readingDatabase(warehouse, database)}.order_changes WHERE sign != 0`,
  )
  return Number(row!.rows)
}

function lineOf({ run, database, code, rows, lag, shown }: RunRow): string {
  const behind = lag === 0 ? 'caught up' : `${lag} records behind`
  return `${shown ? '*' : ' '} ${run.padEnd(5)} ${database.padEnd(14)} ${String(rows).padStart(10)} rows  ${behind.padEnd(24)} ${code}`.trimEnd()
}
