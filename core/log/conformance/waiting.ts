import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { LogUnderTest } from '../conformance.ts'
import { record, rejectionCode, TOPIC, useLog } from './bench.ts'

const LONG_MS = 10_000

export function describeWaiting(open: () => Promise<LogUnderTest>): void {
  describe('waiting', () => {
    const bench = useLog(open)
    const ends = async () =>
      new Map([
        [0, (await bench.log.bounds(TOPIC, 0)).next],
        [1, (await bench.log.bounds(TOPIC, 1)).next],
      ])

    it('resolves at once when there are records', async () => {
      const after = await ends()
      await bench.log.append(TOPIC, [record(1, 'x')])
      expect(await bench.log.waitForRecords(TOPIC, after, LONG_MS)).toBe(true)
    })

    it('is woken by an append of the same handle', async () => {
      const woken = bench.log.waitForRecords(TOPIC, await ends(), LONG_MS)
      await delay(20)
      await bench.log.append(TOPIC, [record(1, 'x')])
      expect(await woken).toBe(true)
    })

    it('is woken by an append of another handle', async () => {
      const second = await bench.another()
      const woken = bench.log.waitForRecords(TOPIC, await ends(), LONG_MS)
      await delay(20)
      await second.append(TOPIC, [record(0, 'x')])
      expect(await woken).toBe(true)
    })

    it('wakes all that wait', async () => {
      const after = await ends()
      const woken = Array.from({ length: 5 }, () => bench.log.waitForRecords(TOPIC, after, LONG_MS))
      await bench.log.append(TOPIC, [record(0, 'x')])
      expect(await Promise.all(woken)).toEqual([true, true, true, true, true])
    })

    it('gives false after the time, also when another partition gets records', async () => {
      const waiting = bench.log.waitForRecords(TOPIC, await ends(), 300)
      await bench.log.append(TOPIC, [record(2, 'x')])
      expect(await waiting).toBe(false)
    })

    it('gives false when it is aborted, and when the log closes', async () => {
      const abort = new AbortController()
      const aborted = bench.log.waitForRecords(TOPIC, await ends(), LONG_MS, abort.signal)
      abort.abort()
      expect(await aborted).toBe(false)
      expect(await bench.log.waitForRecords(TOPIC, await ends(), LONG_MS, abort.signal)).toBe(false)
      const second = await bench.another()
      await second.ensureTopic(TOPIC, { partitions: 3, retentionMs: 1000 })
      const closed = second.waitForRecords(TOPIC, await ends(), LONG_MS)
      await delay(20)
      await second.close()
      expect(await closed).toBe(false)
    })

    it('names an unknown topic', async () => {
      const waiting = bench.log.waitForRecords('none', new Map([[0, 0]]), LONG_MS)
      expect(await rejectionCode(waiting)).toBe('LOG_UNKNOWN_TOPIC')
    })
  })
}
