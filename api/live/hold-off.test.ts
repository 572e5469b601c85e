import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../core/runtime/clock.ts'
import { createHoldOff } from './hold-off.ts'

// By the machine's own time these would tell how busy it is.
beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('runs at once, then once more after the hold-off however often it was touched', async () => {
  let runs = 0
  const holdOff = createHoldOff({ run: async () => void runs++, holdOffMs: 100, clock: systemClock })
  holdOff.touch()
  await pass(10)
  expect(runs).toBe(1)
  for (let i = 0; i < 10; i++) holdOff.touch()
  await pass(80)
  expect(runs).toBe(1)
  await pass(10)
  expect(runs).toBe(2)
  await pass(1_000)
  expect(runs).toBe(2)
  await holdOff.stop()
})

test('a touch during a run is not lost, and never makes two at the same time', async () => {
  let running = 0
  let most = 0
  let runs = 0
  const run = async () => {
    most = Math.max(most, ++running)
    if (runs++ === 0) holdOff.touch()
    await pause(20)
    running--
  }
  const holdOff = createHoldOff({ run, holdOffMs: 10, clock: systemClock })
  holdOff.touch()
  await pass(250)
  expect([runs, most]).toEqual([2, 1])
  await holdOff.stop()
})

test('waits longer after a run that took long', async () => {
  const starts: number[] = []
  const run = async () => {
    starts.push(Date.now())
    await pause(100)
    if (starts.length === 1) holdOff.touch()
  }
  const holdOff = createHoldOff({ run, holdOffMs: 10, clock: systemClock })
  holdOff.touch()
  await pass(600)
  expect(starts[1]! - starts[0]!).toBe(200)
  await holdOff.stop()
})

test('stops, and a touch after that does nothing', async () => {
  let runs = 0
  const holdOff = createHoldOff({ run: async () => void runs++, holdOffMs: 5_000, clock: systemClock })
  holdOff.touch()
  await pass(10)
  await holdOff.stop()
  holdOff.touch()
  await pass(10_000)
  expect(runs).toBe(1)
})
