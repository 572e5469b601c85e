import { getEventListeners } from 'node:events'
import { Registry } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { createTaskPool, type TaskPool, type TaskPoolOptions } from './task-pool.ts'
import type { Trial } from './testing/trial.worker.ts'

const pools: TaskPool<Trial, unknown>[] = []
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

function open(options: Partial<TaskPoolOptions> = {}): TaskPool<Trial, unknown> {
  const part = 'core/runtime/testing/trial.worker.ts'
  const pool = createTaskPool<Trial, unknown>({ name: 'trial', part, threads: 2, memoryMb: 64, ...options })
  pools.push(pool)
  return pool
}

const echo = (value: unknown, ms?: number): Trial => ({
  do: 'echo',
  value,
  ...(ms === undefined ? {} : { ms }),
})
const codeOf = (running: Promise<unknown>) =>
  running.then(
    () => 'done',
    (error) => error.code ?? error.message,
  )

describe('a task that fails', () => {
  it('fails alone, whether it throws, ends its thread or eats its memory', async () => {
    const pool = open()
    const bad = [
      codeOf(pool.run({ do: 'throw', message: 'too bad' })),
      codeOf(pool.run({ do: 'exit' })),
      codeOf(pool.run({ do: 'eat' })),
    ]
    const good = Array.from({ length: 5 }, (_, i) => pool.run(echo(i)))
    expect(await Promise.all(good)).toEqual([0, 1, 2, 3, 4])
    expect(await Promise.all(bad)).toEqual(['too bad', 'POOL_THREAD_ENDED', 'POOL_OUT_OF_MEMORY'])
    expect(await pool.run(echo('after'))).toBe('after')
  })

  it('is ended when it takes too long, and its thread replaced', async () => {
    const pool = open({ timeoutMs: 5_000, threads: 1 })
    expect(await codeOf(pool.run({ do: 'hang' }))).toBe('POOL_TIMEOUT')
    const again = async (tries: number): Promise<unknown> => {
      const code = await codeOf(pool.run(echo('after')))
      // A thread may take that long to start on a busy machine.
      return code === 'POOL_TIMEOUT' && tries > 1 ? again(tries - 1) : code
    }
    expect(await again(5)).toBe('done')
  })
})

describe('the queue', () => {
  it('takes live tasks first, and refuses what is too much', async () => {
    const pool = open({ threads: 1, maxQueued: 3 })
    const order: unknown[] = []
    const note = (value: unknown) => order.push(value)
    const first = pool.run(echo('first', 50)).then(note)
    const batch = ['b1', 'b2', 'b3'].map((value) => pool.run(echo(value)).then(note))
    const refused = codeOf(pool.run(echo('b4')))
    const live = ['l1', 'l2'].map((value) => pool.run(echo(value), { lane: 'live' }).then(note))
    expect(pool.queued('batch')).toBe(3)
    expect(pool.queued('live')).toBe(2)
    await Promise.all([first, ...batch, ...live])
    expect(order).toEqual(['first', 'l1', 'l2', 'b1', 'b2', 'b3'])
    expect(await refused).toBe('POOL_FULL')
  })

  it('keeps a thread for live tasks while batch tasks take long', async () => {
    const pool = open()
    const long = [1, 2, 3].map(() => codeOf(pool.run({ do: 'hang' })))
    expect(await pool.run(echo('now'), { lane: 'live' })).toBe('now')
    expect(pool.queued('batch')).toBe(2)
    await pool.close()
    expect(await Promise.all(long)).toEqual(['POOL_CLOSED', 'POOL_CLOSED', 'POOL_CLOSED'])
    expect(await codeOf(pool.run(echo('late')))).toBe('POOL_CLOSED')
  })

  it('drops what is cancelled, whether it waits or runs', async () => {
    const pool = open({ threads: 1 })
    const [running, waiting] = [new AbortController(), new AbortController()]
    const hanging = codeOf(pool.run({ do: 'hang' }, { signal: running.signal }))
    const queued = codeOf(pool.run(echo('never'), { signal: waiting.signal }))
    waiting.abort()
    expect(await queued).toBe('POOL_CANCELLED')
    expect(pool.queued()).toBe(0)
    running.abort()
    expect(await hanging).toBe('POOL_CANCELLED')
    expect(await codeOf(pool.run(echo(1), { signal: running.signal }))).toBe('POOL_CANCELLED')
    expect(await pool.run(echo('next'))).toBe('next')
  })
})

it('leaves nothing on a signal that outlives its tasks', async () => {
  const pool = open({ threads: 1 })
  const { signal } = new AbortController()
  const bad = codeOf(pool.run({ do: 'throw', message: 'bad' }, { signal }))
  await Promise.all([bad, ...[1, 2, 3].map((value) => pool.run(echo(value), { signal }))])
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('hands buffers over', async () => {
  const buffer = new ArrayBuffer(8)
  const back = (await open().run(echo(buffer), { transfer: [buffer] })) as ArrayBuffer
  expect([buffer.byteLength, back.byteLength]).toEqual([0, 8])
})

it('tells what waited, ran and ended', async () => {
  const registry = new Registry()
  const pool = open({ registry, maxQueued: 1, threads: 1 })
  const runs = [1, 2, 3].map((value) => codeOf(pool.run(echo(value))))
  expect(await registry.getSingleMetricAsString('revwall_trial_queue_tasks')).toContain('lane="batch"} 1')
  expect((await Promise.all(runs)).sort()).toEqual(['POOL_FULL', 'done', 'done'])
  const told = await registry.metrics()
  expect(told).toContain('revwall_pool_tasks_total{pool="trial",lane="batch",outcome="done"} 2')
  expect(told).toContain('revwall_pool_tasks_total{pool="trial",lane="batch",outcome="refused"} 1')
  expect(told).toContain('revwall_pool_run_seconds_count{pool="trial",lane="batch"} 2')
  expect(told).toContain('revwall_pool_restarts_total{pool="trial"} 0')
})

it('counts threads that ended with their task', async () => {
  const registry = new Registry()
  const pool = open({ registry, threads: 1 })
  expect(await codeOf(pool.run({ do: 'exit' }))).toBe('POOL_THREAD_ENDED')
  expect(await codeOf(pool.run({ do: 'throw', message: 'too bad' }))).toBe('too bad')
  expect(await registry.metrics()).toContain('revwall_pool_restarts_total{pool="trial"} 1')
})
