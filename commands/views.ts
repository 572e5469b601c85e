/** `revwall views`: the views of the shown run, and what becomes of changed ones. Migrations add them (clickhouse/views). */
import { listAuditedViews } from '../clickhouse/audit/list-audited-views.ts'
import { readRuns } from '../clickhouse/runs/read-runs.ts'
import type { Run } from '../clickhouse/runs/run.ts'
import { shardsOf } from '../clickhouse/shards.ts'
import { dropView } from '../clickhouse/views/drop-view.ts'
import { pointComplete } from '../clickhouse/views/point-complete.ts'
import { readPointers } from '../clickhouse/views/view-pointers.ts'
import { isComplete, readStep } from '../clickhouse/views/view-steps.ts'
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { systemClock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import type { Command } from './command.ts'
import { openWarehouse } from './open-warehouse.ts'
import { parseOptions } from './parse-options.ts'
import { publish } from './start-warehouse.ts'

export const views: Command = {
  help: `Usage: revwall views [point NAME TABLE | drop TABLE] [--json]

Lists the views of the shown run: their rows, how far a new one is filled, when it was last compared with order_changes,
and by which name it is read. A changed view comes with a migration: \`revwall migrate\` fills it while \`up\` goes on.

  point NAME TABLE   reads another table from now on as NAME: back to the one before, for example; one that is filled, on
                     every server where there are several (theirs are listed as TABLE@1)
  drop TABLE         takes a view away that no name points to any more
  --json             the list as one JSON object a line`,
  run: async ({ config, logger, args, print }) => {
    const verb = args[0]?.startsWith('-') === false ? args[0] : undefined
    const options = parseOptions(
      args.slice(verb === undefined ? 0 : 1),
      { json: { type: 'boolean' } },
      wantedOf(verb),
    )
    const [first, second] = options._
    const open = await openWarehouse(config, logger, 'program')
    try {
      const { warehouse } = open
      const { shown } = await readRuns(warehouse)
      const context = { warehouse, ...shown, clock: systemClock, random: Math.random }
      if (verb === 'point') {
        await pointComplete({ ...context, name: second! }, first!)
        // The views for people follow, so that the table that nobody points to any more can be dropped.
        await publish(warehouse)
      } else if (verb === 'drop') await dropView({ ...context, name: first! })
      else
        for (const row of await listViews(warehouse, shown))
          print(options.json ? JSON.stringify(row) : lineOf(row))
      if (verb === 'point') print(`${first} is read from ${second}`)
      if (verb === 'drop') print(`${first} is dropped`)
      return 0
    } finally {
      await open.close()
    }
  },
}

function wantedOf(verb: string | undefined): string[] {
  if (verb === undefined) return []
  if (verb === 'point') return ['a name', 'a table']
  if (verb === 'drop') return ['a table']
  throw new RevwallError('BAD_USAGE', `views takes point or drop, not ${verb}`)
}

interface ViewRow {
  view: string
  /** The name by which it is read; empty where none is. */
  name: string
  rows: number
  /** `live`, or where its filling stands. */
  state: string
  /** Of its last comparison; empty: never compared. */
  auditedAt: string
  drifted: number
}

/** Of several servers those behind the first are told apart as `headline_v1@1`; which one is read says the first. */
async function listViews(warehouse: Warehouse, { database }: Run): Promise<ViewRow[]> {
  const pointers = await readPointers({ warehouse, database })
  const names = new Map([...pointers].map(([name, table]) => [table, name]))
  const rows = shardsOf(warehouse).map((server, index) => listServer({ server, index, database, names }))
  return (await Promise.all(rows)).flat()
}

interface Listed {
  server: Warehouse
  index: number
  database: string
  /** By table. */
  names: ReadonlyMap<string, string>
}

async function listServer({ server, index, database, names }: Listed): Promise<ViewRow[]> {
  const [{ views: live, skipped }, audits] = await Promise.all([
    listAuditedViews(server, database),
    readAudits(server, database),
  ])
  const tables = [...live.map(({ name }) => name), ...skipped.map(({ view }) => view.replace(/_mv$/, ''))]
  return Promise.all(
    tables.sort().map(async (table) => {
      const [rows, step] = await Promise.all([
        countRows(server, database, table),
        readStep({ warehouse: server, database, name: table }),
      ])
      const view = index === 0 ? table : `${table}@${index}`
      const { at = '', drifted = 0 } = audits.get(view) ?? {}
      const state = isComplete(step)
        ? 'live'
        : `${step!.step}, filled up to ${Object.values(step!.upTo).join('/')}`
      return { view, name: names.get(table) ?? '', rows, state, auditedAt: at, drifted }
    }),
  )
}

async function readAudits(warehouse: Warehouse, database: string) {
  const rows = await warehouse.query<{ view: string; at: string; drifted: string }>(
    `SELECT view, max(r.at) AS at, sumIf(r.drifted, mended = 0 AND r.at > now() - INTERVAL 1 HOUR) AS drifted
     FROM ${database}.reconciliations AS r GROUP BY view`,
  )
  return new Map(rows.map(({ view, at, drifted }) => [view, { at, drifted: Number(drifted) }]))
}

async function countRows(warehouse: Warehouse, database: string, view: string): Promise<number> {
  const [row] = await warehouse.query<{ rows: string }>(`SELECT count() AS rows FROM ${database}.${view}`)
  return Number(row!.rows)
}

function lineOf({ view, name, rows, state, auditedAt, drifted }: ViewRow): string {
  const audited = auditedAt === '' ? 'never audited' : `audited ${auditedAt}, ${drifted} buckets apart`
  const read = name === '' ? 'read by nobody' : `read as ${name}`
  return `${view.padEnd(20)} ${String(rows).padStart(10)} rows  ${state.padEnd(6)} ${audited}, ${read}`
}
