import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { RevwallError } from '../../core/runtime/errors.ts'
import { lagMetrics } from './lag-metrics.ts'

test('the lag is asked for when it is scraped, and goes with its partition', async () => {
  const registry = new Registry()
  let next = 100
  let isAway = false
  const lag = lagMetrics(registry, {
    log: {
      bounds: async () => {
        if (isAway) throw new RevwallError('LOG_UNREACHABLE', 'no broker')
        return { first: 0, next }
      },
    },
    topic: 'orders',
    clock: { now: () => 60_000, sleep: async () => {} },
  })
  const told = async () =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('revwall_lag'))
  expect(await told()).toEqual([])

  // Recovered: how old the record of the mark is nobody has seen.
  lag.taken(3, 89)
  expect(await told()).toEqual(['revwall_lag_records{partition="3"} 10'])
  lag.taken(3, 96, 48_500)
  const behind = ['revwall_lag_records{partition="3"} 3', 'revwall_lag_seconds{partition="3"} 11.5']
  expect(await told()).toEqual(behind)
  // A log that is away changes nothing of what was known.
  isAway = true
  expect(await told()).toEqual(behind)
  isAway = false
  lag.taken(3, 99, 59_000)
  expect(await told()).toEqual([
    'revwall_lag_records{partition="3"} 0',
    'revwall_lag_seconds{partition="3"} 0',
  ])
  next = 101
  lag.left(3)
  expect(await told()).toEqual([])
})
