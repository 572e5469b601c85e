import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { NewRecord } from '../event-log.ts'
import {
  chunkCount,
  EMPTY_CHUNK_BYTES,
  encodeChunk,
  findDamage,
  packedBytes,
  recordAt,
  sealChunk,
} from './chunk.ts'
import { chunkKey } from './keys.ts'
import { MAX_CHUNK_BYTES, MAX_KEY_BYTES, MAX_RECORD_BYTES } from './limits.ts'
import { packRecords } from './pack-records.ts'

const newRecord = fc.record<NewRecord>({
  partition: fc.nat(2),
  key: fc.string({ unit: 'binary' }),
  value: fc.uint8Array({ maxLength: 3000 }),
  contentType: fc.constant('application/json'),
})

describe('a chunk', () => {
  it('gives back its records, and any changed bit is found', () => {
    fc.assert(
      fc.property(
        fc.array(newRecord, { minLength: 1, maxLength: 30 }),
        fc.nat(),
        fc.nat(7),
        (records, place, bit) => {
          const { chunk, key } = sealed(records)
          expect(findDamage(chunk.bytes, key)).toBeUndefined()
          expect(chunkCount(chunk.bytes)).toBe(records.length)
          for (const [index, { key: text, value }] of records.entries()) {
            const got = recordAt(chunk.bytes, index, index)
            expect([got.key, [...got.value]]).toEqual([Buffer.from(text).toString(), [...value]])
          }
          const at = place % chunk.bytes.length
          chunk.bytes.writeUInt8(chunk.bytes.readUInt8(at) ^ (1 << bit), at)
          expect(findDamage(chunk.bytes, key)).toBeDefined()
        },
      ),
    )
  })

  it('is not taken for another of the same content, nor when it is cut off', () => {
    const { chunk } = sealed([
      { partition: 0, key: 'k', value: Buffer.from('v'), contentType: 'application/json' },
    ])
    expect(findDamage(chunk.bytes, chunkKey(1, 2, 4))).toBe('the checksum does not match')
    expect(findDamage(chunk.bytes.subarray(0, 10), chunkKey(1, 2, 3))).toBe('the chunk is cut off')
  })
})

describe('packing', () => {
  const topic = { name: 'orders', partitions: 3 }

  it('keeps the order of each partition, in chunks of at most the maximum', () => {
    fc.assert(
      fc.property(fc.array(newRecord, { maxLength: 200 }), (records) => {
        const packed = packRecords(topic, records, 0)
        for (const [partition, chunks] of packed.partitions) {
          const values = chunks.flatMap(({ bytes, count }) => {
            expect(bytes.length).toBeLessThanOrEqual(MAX_CHUNK_BYTES)
            return Array.from({ length: count }, (_, index) => [...recordAt(bytes, index, 0).value])
          })
          expect(values).toEqual(
            records.filter((each) => each.partition === partition).map(({ value }) => [...value]),
          )
        }
      }),
      { numRuns: 30 },
    )
  })

  it('gives a large record a chunk of its own, up to the maximum', () => {
    const record = (bytes: number, key = 'k'): NewRecord => {
      return { partition: 0, key, value: Buffer.alloc(bytes), contentType: 'application/json' }
    }
    const overhead = packedBytes(record(0))
    const chunks = packRecords(
      topic,
      [record(1), record(MAX_RECORD_BYTES - overhead), record(1)],
      0,
    ).partitions.get(0)!
    expect(chunks.map(({ count }) => count)).toEqual([1, 1, 1])
    const tooLarge = expect.objectContaining({ code: 'LOG_RECORD_TOO_LARGE' })
    expect(() => packRecords(topic, [record(MAX_RECORD_BYTES)], 0)).toThrow(tooLarge)
    expect(() => packRecords(topic, [record(1, 'k'.repeat(MAX_KEY_BYTES + 1))], 0)).toThrow(tooLarge)
    const many = Array.from({ length: 20 }, () => record(MAX_RECORD_BYTES - overhead))
    expect(() => packRecords(topic, many, 0)).toThrow(
      expect.objectContaining({ code: 'LOG_APPEND_TOO_LARGE' }),
    )
  })
})

function sealed(records: readonly NewRecord[]) {
  const bytes = records.reduce((sum, record) => sum + packedBytes(record), EMPTY_CHUNK_BYTES)
  const chunk = encodeChunk(records, bytes, 1234.5)
  const key = chunkKey(1, 2, 3)
  sealChunk(chunk, key)
  return { chunk, key }
}
