/** A batch as it crosses to the worker, and the hash that ties a mark to the log's bytes. */
import { createHash } from 'node:crypto'
import type { PartitionsGrown } from '../../core/contracts/partition-growth.ts'
import type { LogRecord } from '../../core/log/event-log.ts'
import { PACKED_TYPES, type PackedRecords, packedValue, packRecords } from '../../core/log/packed-records.ts'

export interface PackedBatch extends PackedRecords {
  first: number
  last: number
  takenAt: number
  growth: PartitionsGrown | undefined
}

export const COMPACT = PACKED_TYPES.indexOf('application/vnd.revwall.order')

/** For `postMessage`: the buffers go over and are gone here. */
export function buffersOf(batch: PackedBatch): ArrayBuffer[] {
  return [batch.offsets, batch.appendedAt, batch.types, batch.ends, batch.bytes].map(({ buffer }) => buffer)
}

/** The record at a place, without its key. Its value is a view. */
export function unpackRecord(batch: PackedRecords, index: number) {
  return {
    offset: batch.offsets[index]!,
    appendedAt: batch.appendedAt[index]!,
    value: packedValue(batch, index),
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
