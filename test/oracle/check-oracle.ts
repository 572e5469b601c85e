/**
 * The oracle of EXACTNESS.md: by tenant × source × currency × day (both axes) × status, sums and counts are equal in the
 * books of the source, a fold of the log, `order_changes` and each view; and what must hold in the tables holds. To the
 * cent. It reads; it repairs nothing.
 */
import type { OrderRow } from '../../clickhouse/native/order-row.ts'
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { orderKey } from '../../core/contracts/order.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import type { BadRecord } from './bad-records.ts'
import type { Books } from './books.ts'
import { checkDeadLetters } from './check-dead-letters.ts'
import { checkInvariants } from './check-invariants.ts'
import { checkMarks } from './check-marks.ts'
import { checkViews } from './check-views.ts'
import { bounded, diffLedgers } from './diff-ledgers.ts'
import { readBaseLedger, readPresentRows, type TableScope } from './read-base.ts'
import { booksOfRows, foldLog } from './read-log.ts'
import { VIEW_READERS } from './read-views.ts'

export interface OracleOptions {
  /** What the source knows that it did. */
  books: Books
  log: EventLog
  warehouse: Warehouse
  database: string
  tenants: readonly TenantConfig[]
  openDeadLetters: readonly BadRecord[]
  /** Default: orders. */
  topic?: string
}

/** Empty when everything agrees, else differences that name their bucket. Nothing may be writing meanwhile. */
export async function checkOracle(options: OracleOptions): Promise<string[]> {
  const { books, log, warehouse, database, tenants, openDeadLetters, topic = 'orders' } = options
  const scope = { warehouse, database }
  const ledger = books.ledger()
  const folded = await foldLog({ log, topic, tenants: new Map(tenants.map((tenant) => [tenant.id, tenant])) })
  return [
    ...diffLedgers('a fold of the log', booksOfRows(folded.values()).ledger(), ledger),
    ...diffLedgers('order_changes', await readBaseLedger(scope), ledger),
    ...(await checkEachView(scope, books, tenants)),
    ...(await checkState(scope, folded)),
    ...(await checkInvariants(scope)),
    ...(await checkMarks(scope, log, topic)),
    ...(await checkViews(scope)),
    ...(await checkDeadLetters(log, openDeadLetters)),
  ]
}

async function checkEachView(
  scope: TableScope,
  books: Books,
  tenants: readonly TenantConfig[],
): Promise<string[]> {
  const faults: string[] = []
  for (const { view, read, expected } of VIEW_READERS)
    faults.push(...diffLedgers(view, await read(scope, tenants), expected(books)))
  return faults
}

/** The present row of every order, column by column, is what the fold of the log makes of it. */
async function checkState(scope: TableScope, folded: ReadonlyMap<string, OrderRow>): Promise<string[]> {
  const faults: string[] = []
  const present = new Map((await readPresentRows(scope)).map((row) => [orderKey(row), row]))
  for (const [key, row] of folded) {
    const stored = present.get(key)
    present.delete(key)
    const differing = stored === undefined ? ['all of it'] : differingFields(row, stored)
    if (differing.length > 0)
      faults.push(`state: ${key} differs from the fold of the log in ${differing.join(', ')}`)
  }
  for (const key of present.keys()) faults.push(`state: ${key} is not in the log`)
  return bounded('state', faults)
}

/** What the batch adds is not part of the fold. */
const OF_THE_BATCH = /^(mark|progress)|^(topic|incarnation|partition|offset|takenAt|sign)$/

function differingFields(row: OrderRow, stored: OrderRow): string[] {
  return Object.keys(row)
    .filter((field) => !OF_THE_BATCH.test(field))
    .filter((field) => {
      const name = field as keyof OrderRow
      return JSON.stringify(row[name]) !== JSON.stringify(stored[name])
    })
}
