/**
 * Records of a batch in few pieces, so that they cross to the worker without a copy and without an object each; and the
 * hash that ties a mark to the log's bytes.
 */
import { createHash } from 'node:crypto'
import type { PartitionsGrown } from '../../core/contracts/partition-growth.ts'
import type { ContentType, LogRecord } from '../../core/log/event-log.ts'
import type { TakenBatch } from './batch.ts'

export interface PackedBatch {
  first: number
  last: number
  takenAt: number
  growth: PartitionsGrown | undefined
  /** Of each record. */
  offsets: Float64Array<ArrayBuffer>
  appendedAt: Float64Array<ArrayBuffer>
  types: Uint8Array<ArrayBuffer>
  /** Where each value ends in `bytes`; it begins where the one before ends. */
  ends: Uint32Array<ArrayBuffer>
  bytes: Uint8Array<ArrayBuffer>
}

const TYPES: readonly ContentType[] = ['application/json', 'application/vnd.revwall.order']
export const COMPACT = 1

export function packBatch({ first, last, takenAt, growth, records }: TakenBatch): PackedBatch {
  return { first, last, takenAt, growth, ...packRecords(records) }
}

/** For `postMessage`: the buffers go over and are gone here. */
export function buffersOf(batch: PackedBatch): ArrayBuffer[] {
  return [batch.offsets, batch.appendedAt, batch.types, batch.ends, batch.bytes].map(({ buffer }) => buffer)
}

export function packRecords(records: readonly LogRecord[]) {
  const offsets = new Float64Array(records.length)
  const appendedAt = new Float64Array(records.length)
  const types = new Uint8Array(records.length)
  const ends = new Uint32Array(records.length)
  let size = 0
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!
    size += record.value.length
    ends[i] = size
    offsets[i] = record.offset
    appendedAt[i] = record.appendedAt
    types[i] = TYPES.indexOf(record.contentType)
  }
  const bytes = new Uint8Array(size)
  for (let i = 0; i < records.length; i++) bytes.set(records[i]!.value, i === 0 ? 0 : ends[i - 1])
  return { offsets, appendedAt, types, ends, bytes }
}

/** The record at a place, without its key. Its value is a view. */
export function unpackRecord(
  batch: Omit<PackedBatch, 'first' | 'last' | 'takenAt' | 'growth'>,
  index: number,
) {
  const start = index === 0 ? 0 : batch.ends[index - 1]!
  return {
    offset: batch.offsets[index]!,
    appendedAt: batch.appendedAt[index]!,
    value: batch.bytes.subarray(start, batch.ends[index]!),
  }
}

/** Offsets, lengths and values of a mark's range, 16 hex digits. */
export function hashPacked({
  offsets,
  ends,
  bytes,
}: Pick<PackedBatch, 'offsets' | 'ends' | 'bytes'>): string {
  const hash = createHash('sha1')
  hash.update(new Uint8Array(offsets.buffer, offsets.byteOffset, offsets.byteLength))
  hash.update(new Uint8Array(ends.buffer, ends.byteOffset, ends.byteLength))
  hash.update(bytes)
  return hash.digest('hex').slice(0, 16)
}

export function hashRecords(records: readonly LogRecord[]): string {
  return hashPacked(packRecords(records))
}
