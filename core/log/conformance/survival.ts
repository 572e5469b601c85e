import { describe, expect, it } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import { readAll, record, rejectionCode, TOPIC, texts, useLog } from './bench.ts'

export function describeSurvival(open: () => Promise<LogUnderTest>): void {
  describe('life', () => {
    const bench = useLog(open)

    it('has the same incarnation in every handle and after it was closed, and a new one in a new log', async () => {
      const second = await bench.another()
      expect(second.incarnation).toBe(bench.log.incarnation)
      await second.close()
      await bench.log.close()
      expect((await bench.another()).incarnation).toBe(bench.log.incarnation)
      const other = await open()
      const log = await other.openHandle()
      await log.ensureTopic(TOPIC, { partitions: 3, retentionMs: 1000 })
      expect(log.incarnation).not.toBe(bench.log.incarnation)
      await log.close()
      await other.dispose()
    })

    it('keeps topics, records, bounds and positions when it is closed and opened', async () => {
      await bench.log.append(TOPIC, [record(0, 'a'), record(0, 'b'), record(0, 'c'), record(1, 'd')])
      const all = await readAll(bench.log, 0)
      await bench.log.trim(TOPIC, 0, all[1]!.offset)
      await bench.log.commit('g', TOPIC, 0, all[2]!.offset)
      const bounds = await bench.log.bounds(TOPIC, 0)
      await bench.log.close()

      const again = await bench.another()
      await again.ensureTopic(TOPIC, { partitions: 3, retentionMs: 1000 })
      expect(await again.bounds(TOPIC, 0)).toEqual(bounds)
      expect(texts(await readAll(again, 0))).toEqual(['b', 'c'])
      expect(texts(await readAll(again, 1))).toEqual(['d'])
      expect(await again.committed('g', TOPIC, 0)).toBe(all[2]!.offset)
      await again.append(TOPIC, [record(0, 'e')])
      expect(texts(await readAll(again, 0))).toEqual(['b', 'c', 'e'])
    })

    it('writes what was given to it before close', async () => {
      const appends = [bench.log.append(TOPIC, [record(0, 'a')]), bench.log.append(TOPIC, [record(0, 'b')])]
      await bench.log.close()
      await Promise.all(appends)
      const again = await bench.another()
      await again.ensureTopic(TOPIC, { partitions: 3, retentionMs: 1000 })
      expect(texts(await readAll(again, 0))).toEqual(['a', 'b'])
    })

    it('refuses work after close, and closes twice', async () => {
      await bench.log.close()
      await bench.log.close()
      expect(await rejectionCode(bench.log.append(TOPIC, [record(0, 'a')]))).toBe('LOG_CLOSED')
      expect(await rejectionCode(bench.log.bounds(TOPIC, 0))).toBe('LOG_CLOSED')
      expect(await rejectionCode(bench.log.trim(TOPIC, 0, 1))).toBe('LOG_CLOSED')
      const joining = bench.log.join('g', TOPIC, { onAssigned: () => {}, onRevoked: () => {} })
      expect(await rejectionCode(joining)).toBe('LOG_CLOSED')
    })
  })
}
