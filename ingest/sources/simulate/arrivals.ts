/** What will be told later, by when: a binary heap. Equal times come out in the order in which they went in. */

export interface Arrivals<T> {
  add(dueMs: number, item: T): void
  /** When the first is due; Infinity while there is none. */
  readonly nextMs: number
  take(): { dueMs: number; item: T } | undefined
  readonly size: number
}

interface Node<T> {
  dueMs: number
  number: number
  item: T
}

export function createArrivals<T>(): Arrivals<T> {
  const heap: Node<T>[] = []
  let number = 0

  function rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at]!, heap[parent]!)) return
      swap(heap, at, parent)
      at = parent
    }
  }
  function sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      if (left >= heap.length) return
      const right = left + 1
      const least = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      if (!isBefore(heap[least]!, heap[at]!)) return
      swap(heap, at, least)
      at = least
    }
  }

  return {
    add(dueMs, item) {
      number += 1
      heap.push({ dueMs, number, item })
      rise(heap.length - 1)
    },
    get nextMs() {
      return heap[0]?.dueMs ?? Number.POSITIVE_INFINITY
    },
    take() {
      const first = heap[0]
      const last = heap.pop()
      if (first === undefined || last === undefined) return undefined
      if (heap.length > 0) {
        heap[0] = last
        sink()
      }
      return first
    },
    get size() {
      return heap.length
    },
  }
}

function isBefore<T>(a: Node<T>, b: Node<T>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.number < b.number)
}

function swap<T>(heap: Node<T>[], a: number, b: number): void {
  const node = heap[a]!
  heap[a] = heap[b]!
  heap[b] = node
}
