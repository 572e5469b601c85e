/**
 * Threads for mathematics: a Piscina pool with two lanes. What people wait for (`live`) goes before what is computed anew
 * in the background (`batch`), and batch tasks never take the last thread. A task that throws, runs out of memory or of
 * time fails alone: its thread is ended where it must be, another one takes its place, and the others go on.
 */
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { type Clock, systemClock } from './clock.ts'
import { errorCode, errorMessage, RevwallError } from './errors.ts'
import { programPart } from './program.ts'

export const LANES = ['live', 'batch'] as const
export type Lane = (typeof LANES)[number]

export interface TaskPoolOptions {
  /** Says in metrics and errors which one it is. */
  name: string
  /** Path of the worker's source below the program's folder; its default export is called with the task. */
  part: string
  /** Default: as many as there are cores, 4 at the most. */
  threads?: number
  /** Tasks that may wait in each lane; one more is refused with POOL_FULL. */
  maxQueued?: number
  /** Of one task, from when it begins; its thread is ended then. */
  timeoutMs?: number
  /** Old generation of a thread's heap; a task that needs more fails with POOL_OUT_OF_MEMORY. */
  memoryMb?: number
  registry?: Registry
  clock?: Clock
}

export interface TaskOptions {
  /** Default: batch. */
  lane?: Lane
  /** A task that waits is dropped, one that runs is ended with its thread: POOL_CANCELLED. */
  signal?: AbortSignal
  /** Handed over, and gone here. */
  transfer?: ArrayBuffer[]
}

export interface TaskPool<Task, Result> {
  /**
   * Rejects with what the task threw, or POOL_FULL, POOL_TIMEOUT, POOL_OUT_OF_MEMORY, POOL_THREAD_ENDED, POOL_CANCELLED,
   * POOL_CLOSED.
   */
  run(task: Task, options?: TaskOptions): Promise<Result>
  /** Tasks that wait for a thread. */
  queued(lane?: Lane): number
  /** What waits is refused, what runs is ended. */
  close(): Promise<void>
}

const MAX_THREADS = 4
const MAX_QUEUED = 1_000
const TIMEOUT_MS = 60_000
const MEMORY_MB = 1_024

interface Waiting<Task, Result> {
  task: Task
  options: TaskOptions
  lane: Lane
  since: number
  /** Ends its thread, once it runs. */
  ending: AbortController
  resolve(result: Result): void
  reject(error: unknown): void
}

export function createTaskPool<Task, Result>(options: TaskPoolOptions): TaskPool<Task, Result> {
  const { name, maxQueued = MAX_QUEUED, timeoutMs = TIMEOUT_MS, clock = systemClock } = options
  const threads = options.threads ?? Math.min(availableParallelism(), MAX_THREADS)
  const piscina = startThreads(options, threads)
  const waiting: Record<Lane, Waiting<Task, Result>[]> = { live: [], batch: [] }
  const running: Record<Lane, number> = { live: 0, batch: 0 }
  const ends = new Set<AbortController>()
  let isClosed = false
  const seen = measure(options, (lane) => waiting[lane].length)

  return {
    run: (task, given = {}) =>
      new Promise((resolve, reject) => {
        const lane = given.lane ?? 'batch'
        if (isClosed) return reject(closed(name))
        if (given.signal?.aborted) return reject(cancelled(name))
        if (waiting[lane].length >= maxQueued) {
          seen.ended(lane, 'refused')
          return reject(full(name, lane, maxQueued))
        }
        const ending = new AbortController()
        const cancel = () => (drop(one) ? one.reject(cancelled(name)) : ending.abort())
        // A signal may outlive millions of tasks.
        const settled =
          <T>(tell: (value: T) => void) =>
          (value: T) => {
            given.signal?.removeEventListener('abort', cancel)
            tell(value)
          }
        const one: Waiting<Task, Result> = {
          ...{ task, options: given, lane, since: clock.now(), ending },
          ...{ resolve: settled(resolve), reject: settled(reject) },
        }
        waiting[lane].push(one)
        given.signal?.addEventListener('abort', cancel)
        next()
      }),
    queued: (lane) =>
      lane === undefined ? waiting.live.length + waiting.batch.length : waiting[lane].length,
    close: async () => {
      isClosed = true
      for (const ending of ends) ending.abort()
      for (const lane of LANES) for (const one of waiting[lane].splice(0)) one.reject(closed(name))
      await piscina.destroy()
    },
  }

  function next(): void {
    for (;;) {
      const one = take()
      if (one === undefined) return
      void carryOut(one)
    }
  }

  function take(): Waiting<Task, Result> | undefined {
    if (running.live + running.batch >= threads) return undefined
    const live = waiting.live.shift()
    if (live !== undefined) return live
    const most = threads > 1 ? threads - 1 : 1
    return running.batch < most ? waiting.batch.shift() : undefined
  }

  async function carryOut(one: Waiting<Task, Result>): Promise<void> {
    const { lane, task, options: given, ending } = one
    running[lane] += 1
    const startedAt = clock.now()
    seen.waited(lane, startedAt - one.since)
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      ending.abort()
    }, timeoutMs)
    ends.add(ending)
    try {
      one.resolve(await piscina.run(task, { signal: ending.signal, transferList: given.transfer ?? [] }))
      seen.ended(lane, 'done')
    } catch (error) {
      const told = tell(error, isLate, given.signal?.aborted === true)
      seen.ended(lane, errorCode(told) === 'POOL_TIMEOUT' ? 'timeout' : 'failed')
      if (ENDED_THREADS.has(errorCode(told) ?? '')) seen.restarted()
      one.reject(told)
    } finally {
      clearTimeout(timer)
      ends.delete(ending)
      running[lane] -= 1
      seen.ran(lane, clock.now() - startedAt)
      next()
    }
  }

  /** False where it does not wait any more. */
  function drop(one: Waiting<Task, Result>): boolean {
    const at = waiting[one.lane].indexOf(one)
    if (at >= 0) waiting[one.lane].splice(at, 1)
    return at >= 0
  }

  function tell(error: unknown, isLate: boolean, isCancelled: boolean): unknown {
    if (isLate) return new RevwallError('POOL_TIMEOUT', `A task of ${name} took longer than ${timeoutMs} ms.`)
    if (isCancelled) return cancelled(name)
    if (isClosed) return closed(name)
    const code = errorCode(error)
    if (code === 'ERR_WORKER_OUT_OF_MEMORY')
      return new RevwallError('POOL_OUT_OF_MEMORY', `A task of ${name} needs more memory than it may have.`)
    if (/^(worker exited|Terminating worker thread)/.test(errorMessage(error)))
      return new RevwallError('POOL_THREAD_ENDED', `The thread of a task of ${name} ended.`, { cause: error })
    return error
  }
}

/** What a thread does not survive: the next task starts another one. */
const ENDED_THREADS: ReadonlySet<string> = new Set([
  ...['POOL_TIMEOUT', 'POOL_CANCELLED', 'POOL_OUT_OF_MEMORY', 'POOL_THREAD_ENDED'],
])

function startThreads({ part, memoryMb = MEMORY_MB }: TaskPoolOptions, threads: number): Piscina {
  const { file, execArgv } = programPart(part)
  const piscina = new Piscina({
    filename: file,
    execArgv,
    // Started with the first task: what nobody asks costs nothing.
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
  })
  // The task's promise tells it.
  piscina.on('error', () => {})
  return piscina
}

interface Seen {
  waited(lane: Lane, ms: number): void
  ran(lane: Lane, ms: number): void
  ended(lane: Lane, outcome: 'done' | 'failed' | 'timeout' | 'refused'): void
  /** A thread ended with its task. */
  restarted(): void
}

const SECONDS = [0.001, 0.01, 0.05, 0.25, 1, 5, 25, 125]

function measure({ registry, name: pool }: TaskPoolOptions, queued: (lane: Lane) => number): Seen {
  if (registry === undefined) return { waited: () => {}, ran: () => {}, ended: () => {}, restarted: () => {} }
  const of = (name: string, help: string) => ({ name, help, registers: [registry] })
  const labelNames = ['pool', 'lane'] as const
  new Gauge({
    ...of(`revwall_${pool}_queue_tasks`, `Tasks of ${pool} that wait for a thread.`),
    labelNames: ['lane'],
    collect() {
      for (const lane of LANES) this.set({ lane }, queued(lane))
    },
  })
  const waited = histogram('revwall_pool_wait_seconds', 'From the asking of a task to its beginning.')
  const ran = histogram('revwall_pool_run_seconds', 'From the beginning of a task to its end.')
  const ended = counter('revwall_pool_tasks_total', [...labelNames, 'outcome'], {
    help: 'Tasks by how they ended: done, failed, timeout, refused.',
  })
  const restarted = counter('revwall_pool_restarts_total', ['pool'], {
    help: 'Threads that ended with their task, for its time, its memory or since it was cancelled.',
  })
  restarted.inc({ pool }, 0)
  return {
    waited: (lane, ms) => waited.observe({ pool, lane }, ms / 1_000),
    ran: (lane, ms) => ran.observe({ pool, lane }, ms / 1_000),
    ended: (lane, outcome) => ended.inc({ pool, lane, outcome }),
    restarted: () => restarted.inc({ pool }),
  }

  function counter(name: string, labels: string[], { help }: { help: string }): Counter {
    const known = registry!.getSingleMetric(name) as Counter | undefined
    return known ?? new Counter({ ...of(name, help), labelNames: labels })
  }

  function histogram(name: string, help: string): Histogram<'pool' | 'lane'> {
    const known = registry!.getSingleMetric(name) as Histogram<'pool' | 'lane'> | undefined
    return known ?? new Histogram({ ...of(name, help), labelNames, buckets: SECONDS })
  }
}

const closed = (name: string) => new RevwallError('POOL_CLOSED', `${name} was closed.`)
const cancelled = (name: string) => new RevwallError('POOL_CANCELLED', `A task of ${name} was cancelled.`)
const full = (name: string, lane: Lane, most: number) =>
  new RevwallError('POOL_FULL', `${most} ${lane} tasks of ${name} wait already; try again later.`)
