/**
 * Customers, and their erasure. Once erased is erased for ever: whatever version of the customer comes then, before or
 * after, is written without anything personal, and older rows are rewritten away. ReplacingMergeTree alone would keep an
 * older version on the disk until some merge, and would bring a version back that is taken again after a crash.
 */
import { quoteString } from '../../clickhouse/native/quote-string.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { CustomerEvent } from '../../core/contracts/facts.ts'
import { customerRow, type Row } from './fact-rows.ts'

interface Scope {
  warehouse: Warehouse
  database: string
}

/** Inserts the rows, then removes what was known of the persons who are to be forgotten. May be repeated. */
export async function storeCustomers(
  events: readonly CustomerEvent[],
  insert: (rows: readonly Row[]) => Promise<void>,
  scope: Scope,
): Promise<void> {
  const erasedAt = await readErased(events, scope)
  const erasures = events.filter((event) => event.erasedAt !== null)
  // All of them before the first row: a batch that tells a name and later its erasure never writes the name.
  for (const event of erasures) erasedAt.set(keyOf(event), event.erasedAt!)
  await insert(events.map((event) => customerRow(event, erasedAt.get(keyOf(event)) ?? null)))
  if (erasures.length > 0) await removeOlder(erasures, scope)
}

async function readErased(events: readonly CustomerEvent[], { warehouse, database }: Scope) {
  const rows = await warehouse.query<{ key: string; since: string }>(
    `SELECT ${KEY} AS key, formatDateTime(max(erased_at), '%FT%TZ') AS since FROM ${database}.customers
     WHERE erased_at IS NOT NULL AND ${isOneOf(events)} GROUP BY tenant, source, customer`,
    { settings: LONG },
  )
  return new Map(rows.map(({ key, since }) => [key, since]))
}

async function removeOlder(
  erasures: readonly CustomerEvent[],
  { warehouse, database }: Scope,
): Promise<void> {
  const older = `${isOneOf(erasures)} AND erased_at IS NULL`
  const rows = await warehouse.query(`SELECT 1 FROM ${database}.customers WHERE ${older} LIMIT 1`, {
    settings: LONG,
  })
  if (rows.length === 0) return
  // ALTER … DELETE and not DELETE FROM, which only hides rows. Done when it returns; the old files go after 8 minutes.
  await warehouse.command(`ALTER TABLE ${database}.customers DELETE WHERE ${older}`, {
    settings: { ...LONG, mutations_sync: 2 },
  })
}

// A thousand long keys are more than the 256 KB of a query that ClickHouse takes by default.
const LONG = { max_query_size: 4 * 2 ** 20 }

const KEY = "concat(tenant, '\\n', source, '\\n', customer)"
const keyOf = ({ tenant, source, customerId }: CustomerEvent) => `${tenant}\n${source}\n${customerId}`

/** Tenants and sources first: the sorting key finds them, and the condition is exact by the tuples. */
function isOneOf(events: readonly CustomerEvent[]): string {
  const keys = new Map(events.map((event) => [keyOf(event), event]))
  const tuples = [...keys.values()].map(
    (event) => `(${[event.tenant, event.source, event.customerId].map(quoteString).join(', ')})`,
  )
  return `(tenant, source, customer) IN (${tuples.join(', ')})`
}
