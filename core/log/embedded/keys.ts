/** Keys are big-endian, so that LMDB's order of bytes is the order of topic, partition and offset. */
const PARTITION_KEY_BYTES = 8
const OFFSET_BYTES = 6
export const MAX_OFFSET = 2 ** 48 - 1

export function partitionKey(topicId: number, partition: number): Buffer {
  const key = Buffer.allocUnsafe(PARTITION_KEY_BYTES)
  key.writeUInt32BE(topicId, 0)
  key.writeUInt32BE(partition, 4)
  return key
}

/** The key of the chunk whose first record has this offset. 48 bits last 8 years at a million records a second. */
export function chunkKey(topicId: number, partition: number, baseOffset: number): Buffer {
  const key = Buffer.allocUnsafe(PARTITION_KEY_BYTES + OFFSET_BYTES)
  key.writeUInt32BE(topicId, 0)
  key.writeUInt32BE(partition, 4)
  key.writeUIntBE(Math.min(baseOffset, MAX_OFFSET), PARTITION_KEY_BYTES, OFFSET_BYTES)
  return key
}

export function baseOffsetOf(key: Uint8Array): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(PARTITION_KEY_BYTES, OFFSET_BYTES)
}
