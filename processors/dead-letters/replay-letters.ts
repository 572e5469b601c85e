/**
 * Dead letters back onto the orders topic, as new records of the same bytes, key and partition. First the append, then
 * the decision: after a crash in between a letter is still open and is replayed once more, which the fold does not mind,
 * for content that it has seen changes nothing. The other order could lose a record.
 */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import { MAX_PAYLOAD_CHARS } from '../../core/contracts/dead-letters.ts'
import { orderKey } from '../../core/contracts/order.ts'
import type { ContentType, EventLog, NewRecord } from '../../core/log/event-log.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode, RevwallError } from '../../core/runtime/errors.ts'
import type { Letter } from './find-letters.ts'
import { type Outcome, recordOutcomes } from './letter-outcomes.ts'

export interface ReplayOptions {
  warehouse: Warehouse
  log: EventLog
  clock: Clock
  by: string
  /** For tests that end between the two steps. */
  afterAppend?: () => void
}

export interface Replayed {
  origin: string
  replayedAs: string
}

const TOPIC = 'orders'

/** What is decided already is left as it is. Resolves with those that were replayed now. Throws `LETTER_…`. */
export async function replayLetters(letters: readonly Letter[], options: ReplayOptions): Promise<Replayed[]> {
  const replayed: Replayed[] = []
  // One by one: a record may have megabytes, and where one fails it is known which.
  for (const letter of letters) {
    if (letter.state === 'replayed') continue
    replayed.push(await replayOne(letter, options))
  }
  return replayed
}

async function replayOne(letter: Letter, options: ReplayOptions): Promise<Replayed> {
  const { log, warehouse, clock, by } = options
  const record = await recordOf(letter, log)
  const [landed] = await log.append(TOPIC, [record])
  options.afterAppend?.()
  const replayedAs = `${TOPIC}:${log.incarnation}:${record.partition}:${landed!.baseOffset}`
  const { tenant, source, origin } = letter
  const outcome: Outcome = { tenant, source, origin, state: 'replayed', by, why: '', replayedAs }
  await recordOutcomes(warehouse, clock, [outcome])
  return { origin, replayedAs }
}

interface Place {
  incarnation: string
  partition: number
  offset: number
}

function placeOf(origin: string): Place | undefined {
  const [, incarnation, partition, offset] = /^orders:([^:]+):(\d+):(\d+)$/.exec(origin) ?? []
  if (incarnation === undefined) return undefined
  return { incarnation, partition: Number(partition), offset: Number(offset) }
}

async function recordOf(letter: Letter, log: EventLog): Promise<NewRecord> {
  const place = placeOf(letter.origin)
  if (place === undefined) throw notARecord(letter.origin)
  return (await recordInLog(place, log)) ?? recordInLetter(letter, place, log)
}

/** The log has it whole, with its key; unless it was trimmed, or is another life of the log. */
async function recordInLog(place: Place, log: EventLog): Promise<NewRecord | undefined> {
  const { incarnation, partition, offset } = place
  if (incarnation !== log.incarnation || partition >= log.partitions(TOPIC)) return undefined
  try {
    const [record] = await log.read(TOPIC, partition, offset, { maxRecords: 1, maxBytes: 1 })
    if (record?.offset !== offset) return undefined
    return { partition, key: record.key, value: record.value, contentType: record.contentType }
  } catch (error) {
    if (errorCode(error) === 'LOG_TRIMMED') return undefined
    throw error
  }
}

const JSON_TYPE: ContentType = 'application/json'

/** The letter has the bytes, but not the key nor how they are encoded: only what is an order's JSON has both. */
function recordInLetter(letter: Letter, place: Place, log: EventLog): NewRecord {
  const { origin, payload, encoding } = letter
  if (encoding === 'base64' && payload.length >= MAX_PAYLOAD_CHARS)
    throw new RevwallError(
      'LETTER_CUT',
      `${origin}: the letter holds only a part of its record, and the log has trimmed the rest; ask its source for it.`,
    )
  const value = Buffer.from(payload, encoding)
  const key = keyIn(value)
  if (key === undefined)
    throw new RevwallError(
      'LETTER_UNREADABLE',
      `${origin}: the log has trimmed its record, and the letter names no order; ask its source for it, or skip it.`,
    )
  const partition = Math.min(place.partition, log.partitions(TOPIC) - 1)
  return { partition, key, value, contentType: JSON_TYPE }
}

function keyIn(value: Uint8Array): string | undefined {
  try {
    const { tenant, source, orderId } = JSON.parse(Buffer.from(value).toString('utf8')) as Record<
      string,
      unknown
    >
    const parts = [tenant, source, orderId]
    if (!parts.every((part) => typeof part === 'string')) return undefined
    return orderKey({ tenant: String(tenant), source: String(source), orderId: String(orderId) })
  } catch {
    // Not JSON: nobody knows whose it is.
    return undefined
  }
}

function notARecord(origin: string): RevwallError {
  const [kind = ''] = origin.split(':')
  const what = kind === 'file' ? 'a line of a file' : `from ${kind || 'elsewhere'}`
  return new RevwallError(
    'LETTER_NOT_A_RECORD',
    `${origin} is ${what}, no record of the orders topic, so it cannot be replayed: mend it at its source and send it ` +
      'again, then close the letter with: revwall dead-letters skip ORIGIN --why TEXT',
  )
}
