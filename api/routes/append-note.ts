/** A note onto the log. Whoever is answered can rely on it: it is there durably, and on the walls within seconds. */
import { type NoteEvent, noteKey } from '../../core/contracts/notes.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import { ApiError } from '../api-error.ts'

/** The topic has one partition, so that of two notes of one key the later is known. */
const PARTITION = 0

/** Throws `LOG_DOWN`. */
export async function appendNote(log: EventLog, event: NoteEvent): Promise<void> {
  const value = Buffer.from(JSON.stringify(event))
  const record = {
    partition: PARTITION,
    key: noteKey(event),
    value,
    contentType: 'application/json' as const,
  }
  try {
    await log.append('notes', [record])
  } catch (cause) {
    if (!(errorCode(cause) ?? '').startsWith('LOG_')) throw cause
    throw new ApiError('LOG_DOWN', 'The log takes nothing at the moment; try again in a few seconds.', {
      cause,
    })
  }
}
