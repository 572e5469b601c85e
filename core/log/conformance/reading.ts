import { describe, expect, it } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import type { NewRecord } from '../event-log.ts'
import { packedValue, packRecords } from '../packed-records.ts'
import { readAll, record, TOPIC, texts, useLog } from './bench.ts'

const NO_LIMIT = { maxRecords: 10_000, maxBytes: 100 * 1024 * 1024 }

export function describeReading(open: () => Promise<LogUnderTest>): void {
  describe('reading', () => {
    const bench = useLog(open)
    const appendSome = async (count: number) => {
      await bench.log.append(
        TOPIC,
        Array.from({ length: count }, (_, n) => record(0, `${n}`)),
      )
    }

    it('gives back what was appended, byte for byte', async () => {
      const before = Date.now()
      const values = [
        Buffer.alloc(0),
        Buffer.from([0, 255, 10, 13]),
        Buffer.alloc(300_000, 7),
        Buffer.from('{"a":"é"}'),
      ]
      const records: NewRecord[] = values.map((value, n) => ({ ...record(1, '', `kéy-${n}`), value }))
      await bench.log.append(TOPIC, [...records, { ...record(1, '', ''), value: new Uint8Array([1, 2]) }])
      const got = await readAll(bench.log, 1)
      expect(got.map(({ key }) => key)).toEqual(['kéy-0', 'kéy-1', 'kéy-2', 'kéy-3', ''])
      for (const [n, value] of values.entries())
        expect(Buffer.compare(Buffer.from(got[n]!.value), value)).toBe(0)
      expect([...got[4]!.value]).toEqual([1, 2])
      for (const { contentType, appendedAt } of got) {
        expect(contentType).toBe('application/json')
        expect(appendedAt).toBeGreaterThanOrEqual(before)
        expect(appendedAt).toBeLessThanOrEqual(Date.now())
      }
    })

    it('replays from any offset, in increasing order', async () => {
      for (const count of [1, 400, 3]) await appendSome(count)
      const all = await readAll(bench.log, 0)
      expect(all).toHaveLength(404)
      for (let n = 1; n < all.length; n++) expect(all[n]!.offset).toBeGreaterThan(all[n - 1]!.offset)
      for (const n of [0, 1, 2, 200, 400, 401, 403]) {
        const from = await bench.log.read(TOPIC, 0, all[n]!.offset, NO_LIMIT)
        expect(from.map(({ offset }) => offset)).toEqual(all.slice(n).map(({ offset }) => offset))
      }
    })

    it('gives the same in few pieces, within the limits, up to a key', async () => {
      const keys = ['a', 'kéy', '', '$stop', 'b', '$stop']
      for (const key of keys)
        await bench.log.append(TOPIC, [record(0, `value of ${key}`, key), record(0, '', key)])
      const binary = { ...record(0, ''), contentType: 'application/vnd.revwall.order' as const }
      await bench.log.append(TOPIC, [binary])
      const { first } = await bench.log.bounds(TOPIC, 0)
      for (const limits of [NO_LIMIT, { ...NO_LIMIT, maxRecords: 3 }, { ...NO_LIMIT, maxBytes: 20 }]) {
        const records = await bench.log.read(TOPIC, 0, first + 1, limits)
        const { isStopped, ...packed } = await bench.log.readPacked(TOPIC, 0, first + 1, limits)
        expect(packed).toEqual(packRecords(records))
        expect(isStopped).toBe(false)
      }
      const stopped = await bench.log.readPacked(TOPIC, 0, first, { ...NO_LIMIT, stopAfterKey: '$stop' })
      expect(stopped.isStopped).toBe(true)
      expect(stopped.offsets).toHaveLength(7)
      expect(Buffer.from(packedValue(stopped, 6)).toString()).toBe('value of $stop')
      const { next } = await bench.log.bounds(TOPIC, 0)
      expect((await bench.log.readPacked(TOPIC, 0, next, NO_LIMIT)).offsets).toHaveLength(0)
    })

    it('is empty at the end and in a partition without records', async () => {
      await appendSome(5)
      const { next } = await bench.log.bounds(TOPIC, 0)
      expect(await bench.log.read(TOPIC, 0, next, NO_LIMIT)).toEqual([])
      expect(await bench.log.read(TOPIC, 2, 0, NO_LIMIT)).toEqual([])
    })

    it('stops at the limits, but never returns nothing while there is something', async () => {
      await appendSome(50)
      const { first } = await bench.log.bounds(TOPIC, 0)
      expect(await bench.log.read(TOPIC, 0, first, { ...NO_LIMIT, maxRecords: 7 })).toHaveLength(7)
      expect(await bench.log.read(TOPIC, 0, first, { ...NO_LIMIT, maxBytes: 1 })).toHaveLength(1)
      const some = await bench.log.read(TOPIC, 0, first, { ...NO_LIMIT, maxBytes: 20 })
      expect(some.length).toBeGreaterThan(1)
      expect(some.length).toBeLessThan(50)
    })

    it('keeps values that were read when more is read and appended', async () => {
      await appendSome(20)
      const got = await readAll(bench.log, 0)
      await appendSome(500)
      await readAll(bench.log, 0)
      expect(texts(got)).toEqual(Array.from({ length: 20 }, (_, n) => `${n}`))
    })
  })
}
