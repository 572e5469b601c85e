import { expect, test } from 'vitest'
import { systemClock } from '../../core/runtime/clock.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import { settleDays } from './settle-days.ts'

test('days are audited until that has worked, and those that come meanwhile once more', async () => {
  const stopping = new AbortController()
  const asked: string[][] = []
  const settling = settleDays({
    audit: async (days) => {
      asked.push(days)
      if (asked.length === 1) throw new Error('inserts are still running')
      if (asked.length === 2) settling.settle(['2024-02-29'])
    },
    ...{ clock: systemClock, logger: silentLogger, signal: stopping.signal, retryMs: 1 },
  })
  expect(settling.isLeft()).toBe(false)
  settling.settle(['2024-02-29', '2024-02-27'])
  expect(settling.isLeft()).toBe(true)
  await settling.ended()
  expect(settling.isLeft()).toBe(false)
  expect(asked).toEqual([['2024-02-29', '2024-02-27'], ['2024-02-29', '2024-02-27'], ['2024-02-29']])
})

test('what is left at the stop is left', async () => {
  const stopping = new AbortController()
  const settling = settleDays({
    audit: async () => {
      stopping.abort()
      throw new Error('ClickHouse is gone')
    },
    ...{ clock: systemClock, logger: silentLogger, signal: stopping.signal, retryMs: 60_000 },
  })
  settling.settle(['2024-02-29'])
  await settling.ended()
  expect(settling.isLeft()).toBe(true)
})
