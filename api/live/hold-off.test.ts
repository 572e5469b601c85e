import { expect, test } from 'vitest'
import { systemClock } from '../../core/runtime/clock.ts'
import { createHoldOff } from './hold-off.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('runs at once, then once more after the hold-off however often it was touched', async () => {
  let runs = 0
  const holdOff = createHoldOff({ run: async () => void runs++, holdOffMs: 100, clock: systemClock })
  holdOff.touch()
  await pause(10)
  expect(runs).toBe(1)
  for (let i = 0; i < 10; i++) holdOff.touch()
  await pause(40)
  expect(runs).toBe(1)
  await pause(150)
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
  await pause(250)
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
  await pause(600)
  expect(starts[1]! - starts[0]!).toBeGreaterThan(180)
  await holdOff.stop()
})

test('stops, and a touch after that does nothing', async () => {
  let runs = 0
  const holdOff = createHoldOff({ run: async () => void runs++, holdOffMs: 5_000, clock: systemClock })
  holdOff.touch()
  await pause(10)
  await holdOff.stop()
  holdOff.touch()
  await pause(10)
  expect(runs).toBe(1)
})
