import { expect, test } from 'vitest'
import type { Clock } from '../../core/runtime/clock.ts'
import type { RevwallError } from '../../core/runtime/errors.ts'
import { silentLogger } from '../../core/runtime/logger.ts'
import type { Life } from './launch-server.ts'
import { supervise } from './supervise.ts'

/** A server that has ended already when it is looked at. */
const ended = (lifeId: string): Life => ({
  lifeId,
  outputFile: '/nowhere',
  process: { pid: 1, exited: Promise.resolve('code 1'), isAlive: () => false, kill: () => {} },
})

function trial(launch: (attempt: number) => Promise<Life>) {
  const slept: number[] = []
  const seen = { downs: 0, ups: [] as string[], gaveUp: undefined as RevwallError | undefined, slept }
  const stop = new AbortController()
  let attempts = 0
  const clock: Clock = { now: () => 0, sleep: async (ms) => void slept.push(ms) }
  const done = supervise({
    first: ended('first'),
    launch: () => launch(++attempts),
    signal: stop.signal,
    clock,
    logger: silentLogger,
    onDown: () => seen.downs++,
    onUp: (life) => seen.ups.push(life.lifeId),
    onGiveUp: (error) => {
      seen.gaveUp = error
    },
  })
  return { done, seen, stop, attempts: () => attempts }
}

test('gives up a server that ends at once every time, after a few ever slower attempts', async () => {
  const { done, seen } = trial(async (attempt) => ended(`life ${attempt}`))
  await done
  expect(seen.ups).toHaveLength(5)
  expect(seen.downs).toBe(6)
  expect(seen.slept).toEqual([0, 100, 300, 1_000, 3_000])
  expect(seen.gaveUp?.code).toBe('ENGINE_GAVE_UP')
})

test('gives up a server that does not start any more, and says why', async () => {
  const { done, seen, attempts } = trial(() => Promise.reject(new Error('disk full')))
  await done
  expect(attempts()).toBe(5)
  expect(seen.gaveUp?.message).toContain('disk full')
})

test('starts nothing when the end is wanted', async () => {
  const { done, seen, stop, attempts } = trial(async () => ended('never'))
  stop.abort()
  await done
  expect(attempts()).toBe(0)
  expect(seen.gaveUp).toBeUndefined()
})

test('ends with a server that was up before its start could be called off, and hands it over', async () => {
  const running: Life = {
    ...ended('late'),
    process: { pid: 2, exited: new Promise(() => {}), isAlive: () => true, kill: () => {} },
  }
  let stopNow = () => {}
  const { done, seen, stop } = trial(async () => {
    stopNow()
    return running
  })
  stopNow = () => stop.abort()
  await done
  expect(seen.ups).toEqual(['late'])
})
