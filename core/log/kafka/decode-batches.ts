/**
 * Records out of what a fetch brings: batches of format 2, whole ones, of which the last may be cut off. Control batches
 * and what a transaction took back leave gaps in the offsets. Values are the same memory as the response.
 */
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RevwallError } from '../../runtime/errors.ts'
import type { ContentType, LogRecord } from '../event-log.ts'
import { crc32c } from './crc32c.ts'
import { WireReader } from './wire-reader.ts'

export interface AbortedTransaction {
  producerId: number
  firstOffset: number
}

export interface DecodedBatches {
  records: LogRecord[]
  /** The offset behind the last whole batch; the one asked for where there is none. */
  next: number
  /** Of the values and keys, about. */
  bytes: number
}

/** The header that says how a value is encoded; without it, it is JSON. */
export const CONTENT_TYPE_HEADER = 'content-type'
const COMPACT: ContentType = 'application/vnd.revwall.order'

/** Offset and length stand before what the length counts. */
const PREFIX_BYTES = 12
const HEADER_BYTES = 61
const CRC_AT = 17
const ATTRIBUTES_AT = 21
/** A batch that unpacks to more is refused: no producer of ours makes such. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024

/** `from` is the offset asked for: the first batch may begin before it. Errors: `LOG_CORRUPT`, `LOG_UNKNOWN_CODEC`. */
export async function decodeBatches(
  bytes: Buffer,
  from: number,
  aborted: readonly AbortedTransaction[],
  place: string,
): Promise<DecodedBatches> {
  const decoded: DecodedBatches = { records: [], next: from, bytes: 0 }
  const isAborted = followTransactions(aborted)
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const length = bytes.readInt32BE(at + 8)
    const end = at + PREFIX_BYTES + length
    if (end > bytes.length) break
    const batch = readBatch(bytes.subarray(at, end), place)
    at = end
    decoded.next = batch.lastOffset + 1
    if (isAborted(batch) || batch.isControl) continue
    decodeRecords(batch, await unpack(batch, place), from, decoded)
  }
  return decoded
}

interface Batch {
  baseOffset: number
  lastOffset: number
  baseTimestamp: number
  /** Set where the broker's clock counts. */
  appendTimestamp: number | undefined
  producerId: number
  codec: number
  isTransactional: boolean
  isControl: boolean
  count: number
  body: Buffer
}

function readBatch(bytes: Buffer, place: string): Batch {
  const reader = new WireReader(bytes)
  const baseOffset = reader.int64()
  reader.at += 8
  const magic = reader.int8()
  if (magic !== 2) throw corrupt(place, baseOffset, `a batch of format ${magic}, not 2`)
  if (crc32c(bytes.subarray(ATTRIBUTES_AT)) !== bytes.readUInt32BE(CRC_AT))
    throw corrupt(place, baseOffset, 'its checksum does not match')
  reader.at = ATTRIBUTES_AT
  const attributes = reader.int16()
  const lastOffset = baseOffset + reader.int32()
  const baseTimestamp = reader.int64()
  const maxTimestamp = reader.int64()
  const producerId = reader.int64()
  reader.at += 6
  return {
    baseOffset,
    lastOffset,
    baseTimestamp,
    appendTimestamp: attributes & 8 ? maxTimestamp : undefined,
    producerId,
    codec: attributes & 7,
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    count: reader.int32(),
    body: bytes.subarray(HEADER_BYTES),
  }
}

const GZIP = 1

async function unpack({ codec, body, baseOffset }: Batch, place: string): Promise<Buffer> {
  if (codec === 0) return body
  if (codec === GZIP) return promisify(gunzip)(body, { maxOutputLength: MAX_UNPACKED_BYTES })
  const message = `${place}, offset ${baseOffset}: compressed in a way that is not read here; set compression.type of the topic to gzip or uncompressed.`
  throw new RevwallError('LOG_UNKNOWN_CODEC', message)
}

function decodeRecords(batch: Batch, body: Buffer, from: number, decoded: DecodedBatches): void {
  const reader = new WireReader(body)
  for (let n = 0; n < batch.count; n++) {
    const length = reader.varint()
    const end = reader.at + length
    reader.at += 1 // No attribute of a record is in use.
    const timestamp = batch.baseTimestamp + reader.varint()
    const offset = batch.baseOffset + reader.varint()
    if (offset >= from) {
      const key = reader.take(Math.max(0, reader.varint())).toString('utf8')
      // A value that is null is read as empty: here nothing is compacted.
      const value = reader.take(Math.max(0, reader.varint()))
      const contentType = readContentType(reader)
      decoded.records.push({
        offset,
        key,
        value,
        contentType,
        appendedAt: batch.appendTimestamp ?? timestamp,
      })
      decoded.bytes += length
    }
    reader.at = end
  }
}

/** What we do not know is given as JSON, which it will not be: then it becomes a dead letter, whole. */
function readContentType(reader: WireReader): ContentType {
  for (let count = reader.varint(); count > 0; count--) {
    const name = reader.take(reader.varint())
    const value = reader.take(Math.max(0, reader.varint()))
    if (name.toString('latin1') === CONTENT_TYPE_HEADER && value.toString('latin1') === COMPACT)
      return COMPACT
  }
  return 'application/json'
}

/** Says of each batch in turn whether it is of a transaction that was taken back. */
function followTransactions(aborted: readonly AbortedTransaction[]): (batch: Batch) => boolean {
  if (aborted.length === 0) return () => false
  const coming = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset)
  const open = new Set<number>()
  return ({ producerId, lastOffset, isTransactional, isControl }) => {
    while (coming.length > 0 && coming[0]!.firstOffset <= lastOffset) open.add(coming.shift()!.producerId)
    // The marker of its end.
    if (isControl) open.delete(producerId)
    return isTransactional && !isControl && open.has(producerId)
  }
}

function corrupt(place: string, offset: number, why: string): RevwallError {
  return new RevwallError('LOG_CORRUPT', `${place}, offset ${offset}: ${why}.`)
}
