/** The hash that ties a mark to the log's bytes: offsets, keys and values of its range, 16 hex digits. */
import { createHash } from 'node:crypto'
import type { LogRecord } from '../../core/log/event-log.ts'

export function hashRecords(records: readonly LogRecord[]): string {
  const hash = createHash('sha1')
  for (const record of records) {
    hash.update(`${record.offset}:${record.key.length}:${record.value.length}:${record.key}`)
    hash.update(record.value)
  }
  return hash.digest('hex').slice(0, 16)
}
