import { describe, expect, it } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import { readAll, record, rejectionCode, TOPIC, texts, useLog } from './bench.ts'

const NO_LIMIT = { maxRecords: 10_000, maxBytes: 100 * 1024 * 1024 }

export function describeRetention(open: () => Promise<LogUnderTest>): void {
  describe('retention', () => {
    const bench = useLog(open)
    const appendSome = async (topic: string, count: number) => {
      await bench.log.append(
        topic,
        Array.from({ length: count }, (_, n) => record(0, `${n}`)),
      )
    }

    it('trims up to an offset exactly, in the middle of an append too', async () => {
      for (let n = 0; n < 4; n++) await appendSome(TOPIC, 25)
      const all = await readAll(bench.log, 0)
      for (const keep of [10, 25, 60, 99]) {
        const offset = all[keep]!.offset
        await bench.log.trim(TOPIC, 0, offset)
        expect((await bench.log.bounds(TOPIC, 0)).first).toBe(offset)
        expect((await readAll(bench.log, 0)).map((each) => each.offset)).toEqual(
          all.slice(keep).map((each) => each.offset),
        )
        expect(await rejectionCode(bench.log.read(TOPIC, 0, offset - 1, NO_LIMIT))).toBe('LOG_TRIMMED')
      }
    })

    it('leaves what is trimmed trimmed', async () => {
      await appendSome(TOPIC, 10)
      const all = await readAll(bench.log, 0)
      await bench.log.trim(TOPIC, 0, all[5]!.offset)
      await bench.log.trim(TOPIC, 0, all[2]!.offset)
      expect((await bench.log.bounds(TOPIC, 0)).first).toBe(all[5]!.offset)
    })

    it('goes on with the next offset when all was trimmed', async () => {
      await appendSome(TOPIC, 10)
      const { next } = await bench.log.bounds(TOPIC, 0)
      await bench.log.trim(TOPIC, 0, next)
      expect(await bench.log.bounds(TOPIC, 0)).toEqual({ first: next, next })
      expect(await bench.log.read(TOPIC, 0, next, NO_LIMIT)).toEqual([])
      await appendSome(TOPIC, 1)
      const after = await readAll(bench.log, 0)
      expect(texts(after)).toEqual(['0'])
      expect(after[0]!.offset).toBeGreaterThanOrEqual(next)
    })

    it('leaves other partitions alone', async () => {
      await bench.log.append(TOPIC, [record(0, 'a'), record(1, 'b'), record(2, 'c')])
      await bench.log.trim(TOPIC, 1, (await bench.log.bounds(TOPIC, 1)).next)
      expect(texts(await readAll(bench.log, 0))).toEqual(['a'])
      expect(texts(await readAll(bench.log, 1))).toEqual([])
      expect(texts(await readAll(bench.log, 2))).toEqual(['c'])
    })

    it('trims by age what is older than the retention of its topic', async () => {
      await bench.log.ensureTopic('kept', { partitions: 1, retentionMs: Number.POSITIVE_INFINITY })
      await appendSome(TOPIC, 30)
      await appendSome('kept', 30)
      const { next } = await bench.log.bounds(TOPIC, 0)
      const appendedAt = (await readAll(bench.log, 0))[0]!.appendedAt
      await bench.log.trimByAge(appendedAt + 1000)
      expect(await readAll(bench.log, 0)).toHaveLength(30)
      await bench.log.trimByAge(appendedAt + 60_000)
      expect(await bench.log.bounds(TOPIC, 0)).toEqual({ first: next, next })
      expect((await bench.log.read('kept', 0, 0, NO_LIMIT)).length).toBe(30)
    })

    // A log whose own server keeps it to a size has nothing to tell.
    it('tells how far to trim for an age and for a size, and takes less space afterwards', async () => {
      const { sizes } = bench.log
      if (sizes === undefined) return
      const bulk = 'x'.repeat(20_000)
      for (let n = 0; n < 10; n++) await bench.log.append(TOPIC, [record(0, bulk), record(0, bulk)])
      const all = await readAll(bench.log, 0)
      const { next } = await bench.log.bounds(TOPIC, 0)
      const before = await sizes.bytes()
      expect(before).toBeGreaterThan(20 * bulk.length)
      expect(await sizes.offsetAfterTime(TOPIC, 0, all[0]!.appendedAt, next)).toBe(all[0]!.offset)
      expect(await sizes.offsetAfterTime(TOPIC, 0, all.at(-1)!.appendedAt + 1, next)).toBe(next)
      expect(await sizes.offsetAfterTime(TOPIC, 0, all.at(-1)!.appendedAt + 1, all[5]!.offset)).toBe(
        all[5]!.offset,
      )
      expect(await sizes.offsetAfterBytes(TOPIC, 0, 0, next)).toBe(all[0]!.offset)
      const half = await sizes.offsetAfterBytes(TOPIC, 0, 10 * bulk.length, next)
      expect(half).toBeGreaterThanOrEqual(all[8]!.offset)
      expect(half).toBeLessThanOrEqual(all[12]!.offset)
      await bench.log.trim(TOPIC, 0, half)
      expect(await sizes.bytes()).toBeLessThanOrEqual(before - 9 * bulk.length)
      expect(await sizes.offsetAfterBytes(TOPIC, 0, Number.POSITIVE_INFINITY, next)).toBe(next)
    })
  })
}
