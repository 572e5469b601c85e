/**
 * What the oracle says of a simulated world: the books of the source against base rows and views, the chain of marks, and
 * what must hold in the table whatever was sold. Nothing of it asks the product.
 */
import { type ChangeRow, ORDER_CHANGES_COLUMNS } from '../../../clickhouse/native/order-row.ts'
import { hashRecords } from '../../../processors/orders/packed-batch.ts'
import { checkDeadLetters } from '../../oracle/check-dead-letters.ts'
import { bounded, diffLedgers } from '../../oracle/diff-ledgers.ts'
import { TOPIC } from './house.ts'
import { asSeenBy, ledgerOfChanges, SIGNED_VIEWS } from './signed-views.ts'
import type { World } from './world.ts'

/** Empty when everything agrees, to the cent. */
export async function judge(world: World): Promise<string[]> {
  const { sales, server, log } = world
  const books = sales.books()
  const { changes } = server.tables
  return [
    ...world.faults,
    ...server.faults,
    ...diffLedgers('order_changes', ledgerOfChanges(changes), books),
    ...SIGNED_VIEWS.flatMap((view) =>
      diffLedgers(view.name, server.tables.view(view.name), asSeenBy(view, books)),
    ),
    ...checkMarks(world),
    ...checkRevisions(changes),
    ...(await checkDeadLetters(log.handle(), sales.deadLetters())),
  ]
}

function checkMarks({ plan, server, log }: World): string[] {
  const faults: string[] = []
  for (let partition = 0; partition < plan.partitions; partition++) {
    const where = `marks: partition ${partition}`
    const marks = server.tables.marks(TOPIC, partition)
    const records = log.everything(TOPIC, partition)
    const rows = server.tables.changes.filter((row) => row.partition === partition)
    const [opening] = marks
    if (opening === undefined || opening.markLast !== opening.markFirst - 1)
      faults.push(`${where} has no opening mark`)
    marks.slice(1).forEach((mark, i) => {
      const isIn = ({ offset }: { offset: number }) => offset >= mark.markFirst && offset <= mark.markLast
      const range = `${where}, offsets ${mark.markFirst} to ${mark.markLast}`
      if (mark.markFirst !== marks[i]!.markLast + 1)
        faults.push(`${range}: the mark before ends at ${marks[i]!.markLast}`)
      const found = rows.filter(isIn).length
      if (found !== mark.markRows)
        faults.push(`${range}: ${mark.markRows} rows were written, ${found} are there`)
      if (hashRecords(records.filter(isIn)) !== mark.markHash)
        faults.push(`${range}: the hash is not that of the log's bytes`)
    })
    const { next } = log.bounds(TOPIC, partition)
    const last = marks.at(-1)?.markLast
    if (last !== next - 1) faults.push(`${where} is complete to offset ${last}, the log to ${next - 1}`)
  }
  return bounded('marks', faults)
}

/** 1..n with exactly one +1 each, and one −1 for each but the first, which is what was there before, column by column. */
function checkRevisions(changes: readonly ChangeRow[]): string[] {
  const orders = new Map<string, ChangeRow[]>()
  for (const row of changes) {
    const key = `${row.tenant}/${row.source}/${row.orderId}`
    const rows = orders.get(key)
    if (rows === undefined) orders.set(key, [row])
    else rows.push(row)
  }
  const faults = [...orders].flatMap(([key, rows]) => checkOrder(key, rows))
  return bounded('revisions', faults)
}

function checkOrder(key: string, rows: ChangeRow[]): string[] {
  const sorted = rows.sort((a, b) => a.revision - b.revision || a.sign - b.sign)
  const told = sorted.map(({ revision, sign }) => `${sign > 0 ? '+' : '-'}${revision}`).join(' ')
  const wanted = ['+1']
  for (let revision = 2; wanted.length < sorted.length; revision++)
    wanted.push(`-${revision}`, `+${revision}`)
  if (told !== wanted.join(' ')) return [`revisions: ${key} has ${told}`]
  const faults: string[] = []
  for (let i = 1; i < sorted.length; i += 2) {
    const differs = COPIED.find((field) => !isSame(sorted[i]![field], sorted[i - 1]![field]))
    if (differs !== undefined)
      faults.push(`revisions: ${key}: the -1 row of revision ${sorted[i]!.revision} has another ${differs}`)
  }
  return faults
}

const OF_THE_BATCH = new Set(['revision', 'sign', 'takenAt', 'topic', 'incarnation', 'partition', 'offset'])
const COPIED = ORDER_CHANGES_COLUMNS.map(({ field }) => field).filter((field) => !OF_THE_BATCH.has(field))

function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b
  return a.length === b.length && a.every((item, i) => item === b[i])
}
