/** A single record that ClickHouse refuses goes to the dead letters whole; the batch is then its mark alone. */
import { RevwallError } from '../../core/runtime/errors.ts'
import type { BatchContext, ComputedBatch, MarkPosition, TakenBatch } from './batch.ts'
import { computeBatch } from './compute-batch.ts'
import { letterOf } from './parse-record.ts'

/** The batch of one record without its rows, and with the letter that it becomes. */
export function setAside(
  taken: TakenBatch,
  position: MarkPosition,
  message: string,
  context: BatchContext,
): ComputedBatch {
  const record = taken.records[0]!
  const letter = letterOf(record, context, 'refused', message, safeJson(record.value))
  return computeBatch(
    { taken, parsed: [{ letter }], keys: new Set<string>(), facts: 0 },
    new Map(),
    position,
    context,
  )
}

function safeJson(value: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(value).toString('utf8'))
  } catch {
    // It was judged before and passed; without tenant and source the letter is still whole.
    return undefined
  }
}

export function tooManyRefused(message: string): RevwallError {
  return new RevwallError(
    'WAREHOUSE_REFUSES_ALL',
    `ClickHouse refuses one record after the other, so the fault is not theirs; nothing more is set aside. It says: ${message}`,
  )
}
