import type { LogRecord } from '../../../core/log/event-log.ts'
import { packRecords } from '../../../core/log/packed-records.ts'
import type { PackedBatch } from '../packed-batch.ts'

/** A batch of records that come from no log. */
export function packBatch({
  records,
  ...batch
}: Pick<PackedBatch, 'first' | 'last' | 'takenAt'> & { records: readonly LogRecord[] }): PackedBatch {
  return { ...batch, growth: undefined, ...packRecords(records) }
}
