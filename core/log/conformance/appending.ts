import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import { partitionOf } from '../event-log.ts'
import { PARTITIONS, readAll, record, rejectionCode, TOPIC, texts, useLog } from './bench.ts'

export function describeAppending(open: () => Promise<LogUnderTest>): void {
  describe('appending', () => {
    const bench = useLog(open)

    it('makes a topic once and refuses another number of partitions', async () => {
      await bench.log.ensureTopic(TOPIC, { partitions: PARTITIONS, retentionMs: 1000 })
      expect(bench.log.partitions(TOPIC)).toBe(PARTITIONS)
      const more = bench.log.ensureTopic(TOPIC, { partitions: PARTITIONS + 1, retentionMs: 1000 })
      expect(await rejectionCode(more)).toBe('LOG_TOPIC_MISMATCH')
    })

    it('grows a topic to a multiple of its partitions; other handles hear of it', async () => {
      const second = await bench.another()
      await second.ensureTopic(TOPIC, { partitions: PARTITIONS, retentionMs: 1000 })
      await bench.log.append(TOPIC, [record(0, 'before')])
      for (const wrong of [PARTITIONS - 1, PARTITIONS + 1])
        expect(await rejectionCode(bench.log.growTopic(TOPIC, wrong))).toBe('LOG_TOPIC_MISMATCH')
      await bench.log.growTopic(TOPIC, 2 * PARTITIONS)
      await bench.log.growTopic(TOPIC, 2 * PARTITIONS)
      expect(bench.log.partitions(TOPIC)).toBe(2 * PARTITIONS)
      await bench.log.append(TOPIC, [record(2 * PARTITIONS - 1, 'new'), record(0, 'behind')])
      await vi.waitFor(() => expect(second.partitions(TOPIC)).toBe(2 * PARTITIONS), { timeout: 10_000 })
      expect(texts(await readAll(second, 2 * PARTITIONS - 1))).toEqual(['new'])
      expect(texts(await readAll(second, 0))).toEqual(['before', 'behind'])
      await second.append(TOPIC, [record(2 * PARTITIONS - 1, 'newer')])
      expect(texts(await readAll(bench.log, 2 * PARTITIONS - 1))).toEqual(['new', 'newer'])
      await second.ensureTopic(TOPIC, { partitions: PARTITIONS, retentionMs: 1000 })
      expect(await rejectionCode(bench.log.growTopic(TOPIC, PARTITIONS))).toBe('LOG_TOPIC_MISMATCH')
    })

    it('names unknown topics and partitions', async () => {
      const limits = { maxRecords: 1, maxBytes: 1 }
      expect(() => bench.log.partitions('none')).toThrow('none')
      expect(await rejectionCode(bench.log.append('none', [record(0, 'x')]))).toBe('LOG_UNKNOWN_TOPIC')
      expect(await rejectionCode(bench.log.read('none', 0, 0, limits))).toBe('LOG_UNKNOWN_TOPIC')
      for (const partition of [-1, PARTITIONS, 0.5]) {
        const append = bench.log.append(TOPIC, [record(partition, 'x')])
        expect(await rejectionCode(append)).toBe('LOG_UNKNOWN_PARTITION')
        expect(await rejectionCode(bench.log.bounds(TOPIC, partition))).toBe('LOG_UNKNOWN_PARTITION')
      }
    })

    it('says where the records of an append landed, for each partition touched', async () => {
      await bench.log.append(TOPIC, [record(0, 'before'), record(2, 'before')])
      const results = await bench.log.append(TOPIC, [record(2, 'a'), record(0, 'b'), record(2, 'c')])
      expect(results.map(({ partition, count }) => [partition, count]).sort()).toEqual([
        [0, 1],
        [2, 2],
      ])
      for (const { partition, baseOffset } of results) {
        expect(texts(await readAll(bench.log, partition, baseOffset))).toEqual(
          partition === 0 ? ['b'] : ['a', 'c'],
        )
      }
    })

    it('takes an empty append as done', async () => {
      expect(await bench.log.append(TOPIC, [])).toEqual([])
    })

    it('appends nothing at all when one record cannot be', async () => {
      const wrongPartition = [record(0, 'a'), record(1, 'b'), record(PARTITIONS, 'c')]
      expect(await rejectionCode(bench.log.append(TOPIC, wrongPartition))).toBe('LOG_UNKNOWN_PARTITION')
      const tooLarge = { ...record(1, ''), value: Buffer.alloc(64 * 1024 * 1024) }
      expect(await rejectionCode(bench.log.append(TOPIC, [record(0, 'a'), tooLarge]))).toBe(
        'LOG_RECORD_TOO_LARGE',
      )
      for (let partition = 0; partition < PARTITIONS; partition++) {
        expect(await readAll(bench.log, partition)).toEqual([])
      }
    })

    it('keeps the order of each key over any appends', async () => {
      const keys = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'ü'), { maxLength: 30 }), {
        maxLength: 8,
      })
      let serial = 0
      await fc.assert(
        fc.asyncProperty(keys, async (appends) => {
          const start = serial
          const written = appends.map((list) => list.map((key) => ({ key, text: String(serial++) })))
          for (const list of written) {
            const records = list.map(({ key, text }) => record(partitionOf(key, PARTITIONS), text, key))
            await bench.log.append(TOPIC, records)
          }
          for (let partition = 0; partition < PARTITIONS; partition++) {
            const sent = written.flat().filter(({ key }) => partitionOf(key, PARTITIONS) === partition)
            const got = await readAll(bench.log, partition)
            expect(texts(got).filter((text) => Number(text) >= start)).toEqual(sent.map(({ text }) => text))
          }
        }),
        { numRuns: 15 },
      )
    })

    it('loses and doubles nothing when two handles append at the same time', async () => {
      const second = await bench.another()
      await Promise.all(
        [bench.log, second].map(async (log, writer) => {
          for (let n = 0; n < 40; n++)
            await log.append(TOPIC, [record(0, `${writer}:${n}`), record(1, `${writer}:${n}`)])
        }),
      )
      for (const partition of [0, 1]) {
        const got = texts(await readAll(second, partition))
        for (const writer of [0, 1]) {
          const own = got.filter((text) => text.startsWith(`${writer}:`))
          expect(own).toEqual(Array.from({ length: 40 }, (_, n) => `${writer}:${n}`))
        }
      }
    })
  })
}
