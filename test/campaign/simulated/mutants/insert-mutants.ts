/** Step 3 done wrong: the guard, the id, and what is in the batch. */
import { RevwallError } from '../../../../core/runtime/errors.ts'
import { readLastMark } from '../../../../processors/orders/read-position.ts'
import { type Insert, unguarded } from '../../../oracle/alter-inserts.ts'
import { TOPIC } from '../house.ts'
import { DATABASE } from '../sql-shapes.ts'
import { inserts, rewritten, without } from './alter.ts'
import type { Mutant } from './mutant.ts'

let ids = 0
const withOwnId = (insert: Insert): Insert => {
  ids += 1
  return { ...insert, options: { ...insert.options, queryId: `${insert.options.queryId}:${ids}` } }
}

export const INSERT_MUTANTS: readonly Mutant[] = [
  inserts('the guard does not look at the mark', (insert, send) =>
    send({ ...insert, sql: without(insert.sql, 'mark') }),
  ),
  inserts('the guard does not look at barriers', (insert, send) =>
    send({ ...insert, sql: without(insert.sql, 'barrier') }),
  ),
  inserts('the mark is asked for before the insert, and not in it', async (insert, send, warehouse) => {
    const { mark, prefix } = insert.options.params!
    const partition = Number.parseInt(String(prefix), 10)
    const last = await readLastMark({ warehouse, database: DATABASE, topic: TOPIC, partition })
    if (last?.last !== mark) throw new RevwallError('CLICKHOUSE_395', 'fenced: it was asked for')
    await send({ ...insert, sql: without(insert.sql, 'mark') })
  }),
  inserts('each insert has a query id of its own', (insert, send) => send(withOwnId(insert))),
  inserts('a failed insert is sent once more, without its guard', (insert, send) =>
    send(insert).catch(() => send({ ...withOwnId(insert), sql: unguarded(insert.sql) })),
  ),
  inserts('a lost answer is taken for a yes', (insert, send) =>
    send(insert).catch((error: RevwallError) => {
      if (error.code !== 'CLICKHOUSE_UNREACHABLE') throw error
    }),
  ),
  inserts('a batch that was fenced is taken for written', (insert, send) =>
    send(insert).catch((error: RevwallError) => {
      if (!error.message.startsWith('fenced')) throw error
    }),
  ),
  inserts('the mark is missing from the batch', (insert, send) =>
    send(rewritten(insert, (rows) => rows.filter(({ sign }) => sign !== 0))),
  ),
  inserts('the mark goes one offset too far', (insert, send) =>
    send(
      rewritten(insert, (rows) =>
        rows.map((row) => (row.sign === 0 ? { ...row, markLast: row.markLast + 1 } : row)),
      ),
    ),
  ),
  inserts('the mark is one offset short', (insert, send) =>
    send(
      rewritten(insert, (rows) =>
        rows.map((row) => (row.sign === 0 ? { ...row, markLast: row.markLast - 1 } : row)),
      ),
    ),
  ),
  inserts("a batch's last change is lost", (insert, send) =>
    send(rewritten(insert, (rows) => rows.filter((_, i) => i !== rows.length - 2))),
  ),
  inserts('the −1 rows are left out', (insert, send) =>
    send(rewritten(insert, (rows) => rows.filter(({ sign }) => sign !== -1))),
  ),
  inserts('the rows are written before their mark, and not with it', async (insert, send) => {
    const changes = rewritten(insert, (rows) => rows.filter(({ sign }) => sign !== 0))
    await send({ ...changes, options: { ...insert.options, queryId: `${insert.options.queryId}:rows` } })
    await send(rewritten(insert, (rows) => rows.filter(({ sign }) => sign === 0)))
  }),
]
