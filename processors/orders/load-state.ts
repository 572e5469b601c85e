/** Tells the worker which orders a partition has, page by page, while it computes batches already. */
import type { ComputeAnswer, Run } from './compute-tasks.ts'
import { type BaseScope, readFingerprints } from './read-base.ts'

export interface LoadOptions {
  id: number
  scope: BaseScope
  /** That the state began with. */
  mark: number
  run: Run
}

export interface Loading {
  isUnderWay(): boolean
  /** False when it was stopped before all was there. */
  done: Promise<boolean>
  stop(): Promise<void>
}

/** All pages are of the mark that the state began with, whatever lands meanwhile: that they find in the state. */
export function startLoading(
  { id, scope, run, mark }: LoadOptions,
  onPage: (orders: number) => void,
): Loading {
  const stopping = new AbortController()
  const { signal } = stopping
  let isUnderWay = true
  const load = async () => {
    for await (const fingerprints of readFingerprints(scope, mark, signal)) {
      if (signal.aborted) return false
      onPage((await runDone(run({ type: 'load', id, fingerprints }, [fingerprints.buffer]))).orders)
    }
    await run({ type: 'complete', id }, [])
    return true
  }
  const done = load()
    .catch((error) => {
      if (!signal.aborted) throw error
      return false
    })
    .finally(() => {
      isUnderWay = false
    })
  // Whoever computes next hears of it.
  done.catch(() => {})
  return {
    isUnderWay: () => isUnderWay,
    done,
    stop: async () => {
      stopping.abort()
      await done.catch(() => {})
    },
  }
}

async function runDone(answer: Promise<ComputeAnswer>) {
  const done = await answer
  if (done.type !== 'done') throw new Error(`the worker answered ${done.type}`)
  return done
}
