/**
 * Something in each table that no log brings back, so that one that a later version adds is tried as well: results,
 * decisions, facts. What is folded from orders, and what revwall itself reads to know where it stands, is left out.
 */
import { readTables, type StoredTable } from '../../clickhouse/copy/tables.ts'
import { storeSegmentRules } from '../../clickhouse/queries/segment-rules.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { DEFAULT_SEGMENT_RULES } from '../../core/segments/segment-rules.ts'

const ROWS = 3
const OF_REVWALL: ReadonlySet<string> = new Set([
  ...['order_changes', 'barriers', 'server_lives', 'view_steps', 'view_pointers', 'reconciliations'],
  ...['migrations', 'shards', 'runs', 'shown_runs', 'segment_rules'],
])

/** By table what its rows are, whatever their order. */
export type Tables = Map<string, string>

/** Any rows into each table, and rules by which customers are divided. */
export async function fillTables(warehouse: Warehouse): Promise<void> {
  for (const { database, name, statement } of await tablesOf(warehouse)) {
    // A column that says that a row is gone may be 0 or 1 only.
    const [, gone] = /ReplacingMergeTree\(\w+, (\w+)\)/.exec(statement) ?? []
    const columns = gone === undefined ? '*' : `* REPLACE (0 AS ${gone})`
    await warehouse.command(
      `INSERT INTO ${database}.${name} SELECT ${columns} FROM generateRandom() LIMIT ${ROWS}`,
      { settings: { async_insert: 0, max_partitions_per_insert_block: '0' } },
    )
  }
  await storeSegmentRules(warehouse, { ...DEFAULT_SEGMENT_RULES, otherwise: 'new' }, 'test')
}

export async function readFilled(warehouse: Warehouse): Promise<Tables> {
  const sums: Tables = new Map()
  for (const { database, name, engine } of await tablesOf(warehouse)) {
    const final = engine === 'MergeTree' ? '' : ' FINAL'
    const [row] = await warehouse.query<{ rows: string; hash: string }>(
      `SELECT count() AS rows, sum(cityHash64(formatRow('RowBinary', *))) AS hash FROM ${database}.${name}${final}`,
    )
    sums.set(`${database}.${name}`, `${row!.rows} rows, ${row!.hash}`)
  }
  const [rules] = await warehouse.query<{ rules: string }>('SELECT rules FROM revwall.segment_rules')
  sums.set('rules', rules?.rules ?? '')
  return sums
}

async function tablesOf(warehouse: Warehouse): Promise<StoredTable[]> {
  const fed = await warehouse.query<{ name: string }>(
    `SELECT replaceRegexpOne(name, '_mv$', '') AS name FROM system.tables
     WHERE engine = 'MaterializedView' AND position(as_select, 'order_changes') > 0`,
  )
  const views = new Set(fed.map(({ name }) => name))
  return (await readTables(warehouse)).filter(
    ({ name, engine }) => engine.endsWith('MergeTree') && !OF_REVWALL.has(name) && !views.has(name),
  )
}
