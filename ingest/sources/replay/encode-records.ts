/** Events as records of the log. */
import type { DeadLetter } from '../../../core/contracts/dead-letters.ts'
import { encodeOrdersEvent } from '../../../core/contracts/encode-event.ts'
import { type OrderEventInput, orderKey } from '../../../core/contracts/order.ts'
import { type NewRecord, partitionOf } from '../../../core/log/event-log.ts'
import { rawPayload } from './decode-fields.ts'
import { DEAD_LETTER_REASON } from './line-fault.ts'
import { shortName } from './position.ts'
import type { BadRecord } from './read-timeline.ts'

export function orderRecord(event: OrderEventInput, partitions: number): NewRecord {
  const key = orderKey(event)
  return { partition: partitionOf(key, partitions), key, ...encodeOrdersEvent(event) }
}

/** The same record for each partition. */
export function broadcastRecords(key: string, event: object, partitions: number): NewRecord[] {
  return Array.from({ length: partitions }, (_, partition) => jsonRecord(partition, key, event))
}

export function deadLetterRecord(
  bad: BadRecord,
  from: { tenant: string; source: string; fileName: string; atMs: number },
): NewRecord {
  const letter: DeadLetter = {
    type: 'dead-letter',
    schemaVersion: 1,
    tenant: from.tenant,
    source: from.source,
    origin: `file:${shortName(from.fileName)}:${bad.record.line}`,
    reason: DEAD_LETTER_REASON[bad.fault.reason],
    detail: readable(`${bad.fault.reason}: ${bad.fault.detail}`),
    at: new Date(from.atMs).toISOString(),
    ...rawPayload(bad.record.raw),
  }
  return jsonRecord(0, letter.origin, letter)
}

export function jsonRecord(partition: number, key: string, event: object): NewRecord {
  return { partition, key, value: Buffer.from(JSON.stringify(event)), contentType: 'application/json' }
}

const MAX_DETAIL_CHARS = 300

/** A detail quotes the line, which may hold anything. */
function readable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  return text.slice(0, MAX_DETAIL_CHARS).replace(/[\u0000-\u001f\u007f]/g, '?')
}
