/** Every view against its own SELECT over the base, row by row, and views against each other; a difference names its bucket. */
import { checkBreakdowns } from './check-breakdowns.ts'
import { bounded } from './diff-ledgers.ts'
import type { TableScope } from './read-base.ts'
import { VIEW_READERS } from './read-views.ts'

interface ViewDefinition {
  view: string
  select: string
  keys: string[]
  sums: string[]
}

export async function checkViews(scope: TableScope): Promise<string[]> {
  const definitions = await readDefinitions(scope)
  const kept = new Set(definitions.map(({ view }) => view))
  const lost = VIEW_READERS.filter(({ view }) => !kept.has(view)).map(
    ({ view }) => `${view}: nothing keeps this view`,
  )
  const faults = await Promise.all(definitions.map((definition) => compare(definition, scope)))
  return [...lost, ...faults.flat(), ...(await checkBreakdowns(scope))]
}

async function compare({ view, select, keys, sums }: ViewDefinition, scope: TableScope): Promise<string[]> {
  const differences = sums.map((name, index) => `sum(d${index}) AS \`off ${name}\``)
  const side = (from: string, sign: string) =>
    `SELECT ${keys.join(', ')}, ${sums.map((name, index) => `${sign}toDecimal128(${name}, 4) AS d${index}`).join(', ')} FROM ${from}`
  const rows = await scope.warehouse.query<Record<string, unknown>>(
    `SELECT ${keys.join(', ')}, ${differences.join(', ')}
     FROM (${side(`${scope.database}.${view}`, '')} UNION ALL ${side(`(${select})`, '-')})
     GROUP BY ${keys.join(', ')} HAVING ${sums.map((name) => `\`off ${name}\` != 0`).join(' OR ')}
     ORDER BY ${keys.join(', ')} LIMIT 100`,
  )
  return bounded(
    view,
    rows.map((row) => describe(view, keys, row)),
  )
}

function describe(view: string, keys: readonly string[], row: Record<string, unknown>): string {
  const off = Object.entries(row).filter(([name, value]) => name.startsWith('off ') && Number(value) !== 0)
  const bucket = keys.map((key) => `${key}=${String(row[key])}`).join(' ')
  return `${view}: ${bucket}: not what order_changes says: ${off.map(([name, by]) => `${name.slice(4)} off by ${by}`).join(', ')}`
}

/** A materialized view writes into the table of its own name without `_mv`; what is not in that table's key is a sum. */
function readDefinitions({ warehouse, database }: TableScope): Promise<ViewDefinition[]> {
  return warehouse.query<ViewDefinition>(
    `SELECT replaceRegexpOne(tables.name, '_mv$', '') AS view, any(as_select) AS select,
       groupArrayIf(columns.name, is_in_sorting_key = 1) AS keys, groupArrayIf(columns.name, is_in_sorting_key = 0) AS sums
     FROM system.tables AS tables JOIN system.columns AS columns
       ON columns.database = tables.database AND columns.table = replaceRegexpOne(tables.name, '_mv$', '')
     WHERE tables.database = {database:String} AND tables.engine = 'MaterializedView'
       AND position(tables.as_select, 'order_changes') > 0
     GROUP BY view ORDER BY view`,
    { params: { database } },
  )
}
