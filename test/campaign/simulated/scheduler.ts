/**
 * Time and order of a simulated world: events in a queue by their instant, one after the other. Whoever waits, waits here,
 * so that the same seed gives the same interleaving of all processes, and an hour costs what happens in it.
 */
import type { Clock } from '../../../core/runtime/clock.ts'

export interface Timer {
  cancel(): void
}

interface Event extends Timer {
  at: number
  order: number
  act: (() => void) | undefined
}

/** With so many turns in which nothing happens, what is waited for will never come. */
const IDLE_TURNS = 3

export class Scheduler {
  #now: number
  #order = 0
  readonly #heap: Event[] = []
  steps = 0

  constructor(now: number) {
    this.#now = now
  }

  /** In whole milliseconds, as clocks tell it; events lie closer together. */
  get now(): number {
    return Math.floor(this.#now)
  }

  at(at: number, act: () => void): Timer {
    this.#order += 1
    const event: Event = { at: Math.max(at, this.#now), order: this.#order, act, cancel: () => {} }
    event.cancel = () => {
      event.act = undefined
    }
    this.#push(event)
    return event
  }

  after(ms: number, act: () => void): Timer {
    return this.at(this.#now + ms, act)
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve)
    })
  }

  /** Ends early, and without an error, when the signal says so: as the system's clock does. */
  clock(): Clock {
    return {
      now: () => this.now,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted) return resolve()
          const done = () => {
            timer.cancel()
            signal?.removeEventListener('abort', done)
            resolve()
          }
          const timer = this.after(ms, done)
          signal?.addEventListener('abort', done)
        }),
    }
  }

  /** Lets the world go on until the promise is settled; rejects with what it does, or where that will never be. */
  async run(done: Promise<void>, maxSteps: number): Promise<void> {
    let outcome: { error?: unknown } | undefined
    done.then(
      () => {
        outcome = {}
      },
      (error: unknown) => {
        outcome = { error }
      },
    )
    for (let idle = 0; idle < IDLE_TURNS; ) {
      await everythingElse()
      if (outcome !== undefined) break
      if (this.#step()) idle = 0
      else idle += 1
      if (this.steps > maxSteps) throw new Error(`stuck: more than ${maxSteps} steps`)
    }
    if (outcome === undefined) throw new Error('stuck: nothing is left that could happen')
    if ('error' in outcome) throw outcome.error
  }

  #step(): boolean {
    for (let event = this.#pop(); event !== undefined; event = this.#pop()) {
      if (event.act === undefined) continue
      this.#now = event.at
      this.steps += 1
      event.act()
      return true
    }
    return false
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  #pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** All that can go on without time passing does: continuations first, immediates in their order. */
function everythingElse(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
