/** Those who wait for records: looked at after each append of any process, and by a slow poll. */
import type { Clock } from '../../runtime/clock.ts'
import { RevwallError } from '../../runtime/errors.ts'
import { MAX_WAITERS } from './limits.ts'

export interface RecordWaiters {
  /** `isReady` is asked at once, after each `check`, and by the poll; what it throws rejects. */
  wait(isReady: () => boolean, timeoutMs: number, signal?: AbortSignal): Promise<boolean>
  check(): void
  /** Everyone still waiting gets false. */
  close(): void
}

interface Waiter {
  isReady(): boolean
  settle(result: boolean): void
  fail(error: unknown): void
}

export function createRecordWaiters(clock: Clock, pollIntervalMs: number): RecordWaiters {
  const waiters = new Set<Waiter>()
  let poll: NodeJS.Timeout | undefined

  const check = () => {
    for (const waiter of [...waiters]) {
      try {
        if (waiter.isReady()) waiter.settle(true)
      } catch (error) {
        waiter.fail(error)
      }
    }
  }
  const add = (waiter: Waiter) => {
    waiters.add(waiter)
    poll ??= setInterval(check, pollIntervalMs)
  }
  const remove = (waiter: Waiter) => {
    waiters.delete(waiter)
    if (waiters.size > 0) return
    clearInterval(poll)
    poll = undefined
  }
  const wait = async (isReady: () => boolean, timeoutMs: number, signal?: AbortSignal) => {
    if (isReady()) return true
    if (timeoutMs <= 0 || signal?.aborted) return false
    if (waiters.size >= MAX_WAITERS) throw tooManyWaiters()
    const timeout = new AbortController()
    const wake = () => timeout.abort()
    signal?.addEventListener('abort', wake)
    let waiter: Waiter | undefined
    try {
      return await new Promise<boolean>((resolve, reject) => {
        waiter = { isReady, settle: resolve, fail: reject }
        add(waiter)
        void clock.sleep(timeoutMs, timeout.signal).then(() => resolve(false))
      })
    } finally {
      if (waiter) remove(waiter)
      signal?.removeEventListener('abort', wake)
      timeout.abort()
    }
  }
  return {
    wait,
    check,
    close: () => {
      for (const waiter of [...waiters]) waiter.settle(false)
    },
  }
}

function tooManyWaiters(): RevwallError {
  return new RevwallError('LOG_TOO_MANY_WAITERS', `${MAX_WAITERS} callers wait for records already.`)
}
