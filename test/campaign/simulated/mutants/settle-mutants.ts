/** Step 4 and recovery done wrong: what is believed of the mark, of what runs, and of the state that belongs to it. */
import type { ChangeRow } from '../../../../clickhouse/native/order-row.ts'
import type { QueryOptions, Warehouse } from '../../../../clickhouse/warehouse.ts'
import { decodeChanges } from '../decode-native.ts'
import { recognise, type ShapeName } from '../sql-shapes.ts'
import { onCommand, onQuery } from './alter.ts'
import type { Host, Mutant } from './mutant.ts'

export const SETTLE_MUTANTS: readonly Mutant[] = [
  {
    name: "a mark that moved is taken for one's own, whoever wrote it",
    warehouse: (warehouse, host) =>
      onSettling(warehouse, host, (row, { markFirst, markHash, takenAt }) => ({
        ...row,
        mark_first: String(markFirst),
        mark_hash: markHash,
        taken_at: new Date(takenAt).toISOString().replace('T', ' ').replace('Z', ''),
      })),
  },
  {
    name: 'a mark that moved is overlooked: nothing landed',
    warehouse: (warehouse, host) =>
      onSettling(warehouse, host, (row, { before }) => ({ ...row, mark_last: String(before) })),
  },
  {
    name: 'nobody ends an insert that never ends',
    warehouse: (warehouse) => onCommand(warehouse, 'kill', async () => {}),
  },
  {
    name: 'a recovery goes on one offset too far',
    warehouse: (warehouse, { steps, isOutside }) =>
      onQuery(warehouse, 'lastMark', async (ask, params) => {
        const rows = (await ask(params)) as { mark_last: string }[]
        if (steps.has('settle') || isOutside) return rows
        return rows.map((row) => ({ ...row, mark_last: String(Number(row.mark_last) + 1) }))
      }),
  },
  {
    name: 'the state is made of fewer batches than the mark says',
    warehouse: (warehouse) => older(warehouse, ['keys', 'keyCount']),
  },
  {
    name: 'before-images are those of an older mark',
    warehouse: (warehouse) => older(warehouse, ['rows']),
  },
  {
    name: 'a hole in the chain of marks is not seen',
    warehouse: (warehouse) =>
      onQuery(warehouse, 'chain', async (ask, params) =>
        (await ask(params)).map((row) => ({ ...row, breaks: '0' })),
      ),
  },
  {
    name: 'a missing opening mark is not seen',
    warehouse: (warehouse) =>
      onQuery(warehouse, 'chain', async (ask, params) =>
        (await ask(params)).map((row) => ({ ...row, opened: 1 })),
      ),
  },
]

/** The mark of a batch that was sent, and the one that it was computed from. */
type Sent = ChangeRow & { before: number }

/** What a settling batch reads of the mark, where it is not the one that the batch was computed from. */
function onSettling(
  warehouse: Warehouse,
  { steps }: Host,
  tell: (row: object, sent: Sent) => object,
): Warehouse {
  const sent = new Map<unknown, Sent>()
  const asked = onQuery(warehouse, 'lastMark', async (ask, params) => {
    const rows = (await ask(params)) as { mark_last: string }[]
    const own = sent.get(params.prefix)
    if (own === undefined || !steps.has('settle')) return rows
    return rows.map((row) => (Number(row.mark_last) === own.before ? row : tell(row, own)))
  })
  return {
    ...asked,
    insert: (sql, body, options) => {
      const mark = decodeChanges(body).find(({ sign }) => sign === 0)!
      sent.set(options.params!.prefix, { ...mark, before: Number(options.params!.mark) })
      return warehouse.insert(sql, body, options)
    },
  }
}

/** Few enough that the order asked for has often changed since. */
const OFFSETS_BEHIND = 4

function older(warehouse: Warehouse, asked: readonly ShapeName[]): Warehouse {
  const back = (sql: string, { params = {}, ...options }: QueryOptions = {}) => {
    const mark = Number(params.mark) - (asked.includes(recognise(sql).name) ? OFFSETS_BEHIND : 0)
    return { ...options, params: { ...params, ...('mark' in params && { mark }) } }
  }
  return {
    ...warehouse,
    query: (sql, options) => warehouse.query(sql, back(sql, options)),
    stream: (sql, options) => warehouse.stream(sql, back(sql, options)),
  }
}
