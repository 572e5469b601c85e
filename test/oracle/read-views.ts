/**
 * The ledger as each view has it. A view tells some fields of the ledger's key apart and sums over the others ('*'):
 *
 * | view             | keys                                   | sums                                      |
 * | ---------------- | -------------------------------------- | ----------------------------------------- |
 * | headline_v1      | tenant, currency, axis, day            | money and orders of all orders            |
 * | quarter_hours_v1 | tenant, source, currency, axis, day    | money and orders of all orders            |
 * | latest_orders_v1 | tenant, source, currency, day (booked) | money; its day is cut from the instant    |
 * | customer_days_v1 | tenant, currency, axis, day            | money and orders of those with a customer |
 * | products_v1      | tenant, currency, axis, day            | lines' amounts of sales and credits       |
 * | breakdowns_v1    | tenant, currency, axis, day, status    | money and orders of all orders            |
 */
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Books } from './books.ts'
import type { Ledger } from './ledger.ts'
import { type LedgerRow, ledgerOfRows, type TableScope } from './read-base.ts'

export interface ViewReader {
  view: string
  read(scope: TableScope, tenants: readonly TenantConfig[]): Promise<Ledger>
  /** What the books say, brought to the same keys. */
  expected(books: Books): Ledger
}

export const VIEW_READERS: readonly ViewReader[] = [
  {
    view: 'headline_v1',
    read: (scope) => read(scope, bothAxes(scope, 'headline_v1', "'*'", 'orders')),
    expected: (books) => books.ledger().without('source', 'status'),
  },
  {
    view: 'quarter_hours_v1',
    read: (scope) => read(scope, bothAxes(scope, 'quarter_hours_v1', 'source', 'orders')),
    expected: (books) => books.ledger().withoutStatus(),
  },
  {
    view: 'customer_days_v1',
    read: (scope) => read(scope, bothAxes(scope, 'customer_days_v1', "'*'", 'orders')),
    expected: (books) => books.customerLedger().without('source', 'status'),
  },
  {
    view: 'products_v1',
    read: (scope) => read(scope, bothAxes(scope, 'products_v1', "'*'", 'none')),
    expected: (books) => books.lineLedger().without('source', 'status'),
  },
  {
    view: 'latest_orders_v1',
    read: (scope, tenants) => read(scope, latest(scope, tenants)),
    expected: (books) => books.ledger().onAxis('booked').withoutStatus().withoutOrders(),
  },
  {
    view: 'breakdowns_v1',
    read: (scope) => read(scope, byStatus(scope)),
    expected: (books) => books.ledger().without('source'),
  },
]

async function read({ warehouse }: TableScope, sql: string): Promise<Ledger> {
  return ledgerOfRows(await warehouse.query<LedgerRow>(sql))
}

function bothAxes({ database }: TableScope, view: string, source: string, orders: 'orders' | 'none'): string {
  const axes = (['booked', 'sale'] as const).map((axis) => {
    const count = orders === 'none' ? 'toInt64(0)' : `sum(${axis}_orders)`
    return `SELECT tenant, ${source} AS source, currency, '${axis}' AS axis, toString(day) AS day, '*' AS status,
        sum(${axis}_revenue) AS amount, ${count} AS orders
      FROM ${database}.${view} GROUP BY tenant, source, currency, day`
  })
  return axes.join(' UNION ALL ')
}

/** The one dimension that the books know; the others are split by the same SELECT (check-breakdowns.ts). */
function byStatus({ database }: TableScope): string {
  const axes = (['booked', 'sale'] as const).map(
    (
      axis,
    ) => `SELECT tenant, '*' AS source, currency, '${axis}' AS axis, toString(day) AS day, value AS status,
        sum(${axis}_revenue) AS amount, sum(${axis}_orders) AS orders
      FROM ${database}.breakdowns_v1 WHERE dimension = 'status' GROUP BY tenant, currency, day, status`,
  )
  return axes.join(' UNION ALL ')
}

/** ClickHouse's own time zones cut the day here: a third opinion beside those of code and books. */
function latest({ database }: TableScope, tenants: readonly TenantConfig[]): string {
  const each = tenants.map(
    ({
      id,
      timeZone,
    }) => `SELECT tenant, source, currency, 'booked' AS axis, toString(toDate(at, '${timeZone}')) AS day,
        '*' AS status, sum(amount) AS amount, toInt64(0) AS orders
      FROM ${database}.latest_orders_v1 WHERE tenant = '${id}' GROUP BY tenant, source, currency, day`,
  )
  return each.join(' UNION ALL ')
}
