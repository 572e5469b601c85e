/** The mark row of a batch: which offsets it covers, and what each source had told by then. */

import { markKey } from '../../clickhouse/native/mark-key.ts'
import { type ChangeRow, emptyOrderRow } from '../../clickhouse/native/order-row.ts'
import type { BatchContext, ComputedBatch } from './batch.ts'

/** `rows` are the change rows of the batch. The row that says which offsets the batch covers. Also the opening mark's: then the range is empty. */
export function markRow(
  batch: Pick<ComputedBatch, 'first' | 'last' | 'rows' | 'hash' | 'mark'>,
  taken: Pick<ComputedBatch, 'takenAt'>,
  context: BatchContext,
): ChangeRow {
  const progress = [...batch.mark.progress.values()]
  // Assigned: spread into a literal, an object of so many fields takes a hundred times as long.
  return Object.assign(emptyOrderRow('', context.topic, markKey(context.partition, batch.first)), {
    status: '',
    sign: 0,
    takenAt: taken.takenAt,
    topic: context.topic,
    incarnation: context.incarnation,
    partition: context.partition,
    offset: batch.last,
    markFirst: batch.first,
    markLast: batch.last,
    markRows: batch.rows,
    markHash: batch.hash,
    markCode: context.code,
    markServerStart: context.serverStart,
    progressTenant: progress.map((p) => p.tenant),
    progressSource: progress.map((p) => p.source),
    progressJson: progress.map((p) => p.json),
    progressFactAt: progress.map((p) => p.factAt),
  })
}
