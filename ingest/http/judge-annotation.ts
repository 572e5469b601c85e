/** Annotations that a program pushes with the key of its tenant: judged as events are, by the words of their own contract. */
import { annotationEvent, noteKey } from '../../core/contracts/notes.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { asUnavailable } from './inlet.ts'
import { explain, givenOf } from './judge-event.ts'
import type { JudgeItem, Sorted } from './take-request.ts'

/** The topic has one partition, so that of two of one id the later is known. */
const PARTITION = 0

export interface Pusher {
  /** Of the key. */
  id: string
  tenant: string
}

/** `id` must be told, so that sending again replaces what is there; `at` is now where it is not told. */
export function judgeAnnotations({ id, tenant }: Pusher, nowMs: () => number): JudgeItem {
  return (raw) => {
    const given = givenOf(raw, tenant)
    if ('code' in given) return given
    const at = new Date(nowMs()).toISOString()
    const told = { type: 'annotation', at, ...given.event, by: `key ${id}`, removed: false }
    const parsed = annotationEvent.safeParse(told)
    if (!parsed.success) return { code: 'INVALID', message: explain(parsed.error, told) }
    const event = parsed.data
    const value = Buffer.from(JSON.stringify(event))
    const contentType = 'application/json' as const
    return { type: event.type, record: { partition: PARTITION, key: noteKey(event), value, contentType } }
  }
}

/** All or nothing. Throws `LOG_UNAVAILABLE`. */
export async function appendAnnotations(log: EventLog, { records }: Sorted): Promise<void> {
  try {
    await log.append('notes', records)
  } catch (cause) {
    throw asUnavailable(cause)
  }
}
