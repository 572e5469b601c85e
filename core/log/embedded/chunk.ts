/**
 * A chunk: some records of one partition, packed as one LMDB value, little-endian.
 *
 *     0   u8   format        4   u32  CRC32 of all from byte 8 on, then of the chunk's key
 *     8   f64  appendedAt    16  u32  count
 *     20  u32 × count: where each record ends, from the start of the body
 *     body, for each record: u8 content type, u16 length of the key, key (UTF-8), value
 *
 * The key is in the checksum, so that a sound chunk in the wrong place is found as well.
 */
import { crc32 } from 'node:zlib'
import type { ContentType, LogRecord, NewRecord } from '../event-log.ts'

const FORMAT = 1
const HEADER_BYTES = 20
const INDEX_BYTES = 4
const RECORD_HEADER_BYTES = 3
/** The position is the number on disk: append to this list, never reorder it. */
const CONTENT_TYPES: readonly ContentType[] = ['application/json', 'application/vnd.revwall.order']

export interface Chunk {
  bytes: Buffer
  count: number
}

/** What a record adds to its chunk. */
export function packedBytes(record: NewRecord): number {
  return INDEX_BYTES + RECORD_HEADER_BYTES + Buffer.byteLength(record.key) + record.value.length
}

export const EMPTY_CHUNK_BYTES = HEADER_BYTES

/** `totalBytes` is EMPTY_CHUNK_BYTES and the packed bytes of the records. `seal` must follow. */
export function encodeChunk(records: readonly NewRecord[], totalBytes: number, appendedAt: number): Chunk {
  const bytes = Buffer.allocUnsafe(totalBytes)
  bytes.writeUInt32LE(FORMAT, 0)
  bytes.writeDoubleLE(appendedAt, 8)
  bytes.writeUInt32LE(records.length, 16)
  const body = HEADER_BYTES + records.length * INDEX_BYTES
  let at = body
  let index = HEADER_BYTES
  for (const record of records) {
    const keyBytes = bytes.write(record.key, at + RECORD_HEADER_BYTES, 'utf8')
    bytes.writeUInt8(CONTENT_TYPES.indexOf(record.contentType), at)
    bytes.writeUInt16LE(keyBytes, at + 1)
    at += RECORD_HEADER_BYTES + keyBytes
    bytes.set(record.value, at)
    at += record.value.length
    bytes.writeUInt32LE(at - body, index)
    index += INDEX_BYTES
  }
  return { bytes, count: records.length }
}

/** Writes the checksum, which needs the key: the base offset is known inside the transaction only. */
export function sealChunk(chunk: Chunk, key: Uint8Array): void {
  chunk.bytes.writeUInt32LE(crc32(key, crc32(chunk.bytes.subarray(8))), 4)
}

/** Why the bytes are not the chunk that was written under the key; undefined when they are. */
export function findDamage(bytes: Buffer, key: Uint8Array): string | undefined {
  if (bytes.length < HEADER_BYTES) return 'the chunk is cut off'
  if (bytes.readUInt32LE(0) !== FORMAT) return `the chunk has the unknown format ${bytes.readUInt32LE(0)}`
  if (bytes.readUInt32LE(4) !== crc32(key, crc32(bytes.subarray(8)))) return 'the checksum does not match'
  return undefined
}

export function chunkCount(bytes: Buffer): number {
  return bytes.readUInt32LE(16)
}

export function chunkAppendedAt(bytes: Buffer): number {
  return bytes.readDoubleLE(8)
}

/** Where a record stands in its chunk: the value from `valueAt` to `end`, the key before it. */
export interface RecordPlace {
  keyAt: number
  valueAt: number
  end: number
  contentType: ContentType
}

export function placeAt(bytes: Buffer, index: number, into: RecordPlace): void {
  const body = HEADER_BYTES + chunkCount(bytes) * INDEX_BYTES
  const indexAt = HEADER_BYTES + index * INDEX_BYTES
  const start = body + (index === 0 ? 0 : bytes.readUInt32LE(indexAt - INDEX_BYTES))
  into.keyAt = start + RECORD_HEADER_BYTES
  into.valueAt = into.keyAt + bytes.readUInt16LE(start + 1)
  into.end = body + bytes.readUInt32LE(indexAt)
  into.contentType = CONTENT_TYPES[bytes[start]!]!
}

const place: RecordPlace = { keyAt: 0, valueAt: 0, end: 0, contentType: CONTENT_TYPES[0]! }

/** The record at a place of a sound chunk. Its value is a view into `bytes`. */
export function recordAt(bytes: Buffer, index: number, offset: number): LogRecord {
  placeAt(bytes, index, place)
  const { keyAt, valueAt, end, contentType } = place
  return {
    offset,
    key: bytes.toString('utf8', keyAt, valueAt),
    value: bytes.subarray(valueAt, end),
    contentType,
    appendedAt: chunkAppendedAt(bytes),
  }
}
