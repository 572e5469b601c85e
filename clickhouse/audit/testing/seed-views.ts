import { systemClock } from '../../../core/runtime/clock.ts'
import { startTestEngine, type TestEngine } from '../../../test/with-engine.ts'
import { migrate } from '../../migrations/migrate.ts'
import type { Warehouse } from '../../warehouse.ts'
import type { AuditContext } from '../barrier.ts'
import { type AuditedView, listAuditedViews } from '../list-audited-views.ts'
import { DATABASE, RUN, writeBatch } from './write-batch.ts'

/** A migrated server with three days of orders of two tenants in two partitions. */
export async function startSeededEngine(): Promise<TestEngine> {
  const db = await startTestEngine()
  await migrate(db.warehouse, { database: DATABASE })
  for (const partition of [0, 1]) await writeBatch(db.warehouse, { partition, first: 0, orders: [] })
  const days = ['2011-12-07', '2011-12-08', '2011-12-09']
  const orders = days.flatMap((day, i) => [
    { id: `a${i}`, day, amount: '10.50' },
    { id: `b${i}`, day, customer: '', sku: 'tea', amount: '0.01' },
    { id: `c${i}`, day, tenant: 'other', amount: '99.99' },
  ])
  await writeBatch(db.warehouse, { first: 0, orders })
  await writeBatch(db.warehouse, { partition: 1, first: 0, orders: [{ id: 'p', day: days[2] }] })
  return db
}

export function contextOf(warehouse: Warehouse): AuditContext {
  return { warehouse, database: DATABASE, run: RUN, clock: systemClock, random: Math.random }
}

export async function viewNamed(warehouse: Warehouse, name: string): Promise<AuditedView> {
  const { views } = await listAuditedViews(warehouse, DATABASE)
  const view = views.find((candidate) => candidate.name === name)
  if (view === undefined) throw new Error(`There is no view ${name}.`)
  return view
}

/** One row into a view's table, past the base: `columns` as SQL, e.g. `'acme' AS tenant`; the others are 0 or empty. */
export function injectRow(
  warehouse: Warehouse,
  view: string,
  columns: Record<string, string>,
): Promise<void> {
  const names = Object.keys(columns).join(', ')
  return warehouse.command(
    `INSERT INTO ${DATABASE}.${view} (${names}) SELECT ${Object.values(columns).join(', ')}`,
  )
}

/**
 * A warehouse as it stands while an insert is under way that takes back just what headline_v1 lacks: during its first
 * comparison nothing is apart. `columns` of a row as injectRow takes them; `landed` is what that insert does else.
 */
export function hidingOnce(
  warehouse: Warehouse,
  columns: Record<string, string>,
  landed: () => Promise<void> = async () => {},
): Warehouse {
  const add = (amount: string) => injectRow(warehouse, 'headline_v1', { ...columns, booked_revenue: amount })
  let isHidden = true
  const query = async <Row>(...asked: Parameters<Warehouse['query']>): Promise<Row[]> => {
    const hides = isHidden && asked[0].includes('AS drifted') && asked[0].includes('headline_v1')
    if (!hides) return warehouse.query<Row>(...asked)
    isHidden = false
    await add('7')
    const answer = await warehouse.query<Row>(...asked)
    await add('-7')
    await landed()
    return answer
  }
  return { ...warehouse, query }
}
