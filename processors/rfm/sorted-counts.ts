/**
 * A multiset of numbers with the value at any rank: distinct values with their counts, ascending, in chunks.
 *
 * A change finds its chunk by bisection and moves within it; a rank walks over the chunks' totals (20,000 of
 * them for 10 million distinct values, some 20 µs). Two chunks that fit into half of one become one, so that values which
 * drift leave no trail: memory is at most 48 bytes a distinct value.
 */
const CHUNK = 1_024

interface Chunk {
  values: Float64Array
  counts: Uint32Array
  length: number
  total: number
}

export class SortedCounts {
  #chunks: Chunk[] = [newChunk()]
  size = 0

  /** `sorted` ascending. */
  static of(sorted: Float64Array): SortedCounts {
    const all = new SortedCounts()
    all.size = sorted.length
    let chunk = all.#chunks[0]!
    for (const value of sorted) {
      const isNew = chunk.length === 0 || chunk.values[chunk.length - 1] !== value
      if (isNew && chunk.length === CHUNK / 2) {
        chunk = newChunk()
        all.#chunks.push(chunk)
      }
      if (isNew) chunk.values[chunk.length++] = value
      chunk.counts[chunk.length - 1]!++
      chunk.total++
    }
    return all
  }

  add(value: number): void {
    const number = this.#chunkOf(value)
    const chunk = this.#chunks[number]!
    const at = placeOf(chunk, value)
    if (at === chunk.length || chunk.values[at] !== value) {
      chunk.values.copyWithin(at + 1, at, chunk.length)
      chunk.counts.copyWithin(at + 1, at, chunk.length)
      chunk.values[at] = value
      chunk.counts[at] = 0
      chunk.length++
    }
    chunk.counts[at]!++
    chunk.total++
    this.size++
    if (chunk.length === CHUNK) this.#chunks.splice(number, 1, ...halves(chunk))
  }

  /** What is not there cannot be removed: then columns and thresholds have parted, which is a bug. */
  remove(value: number): void {
    const number = this.#chunkOf(value)
    const chunk = this.#chunks[number]!
    const at = placeOf(chunk, value)
    if (at === chunk.length || chunk.values[at] !== value) throw new Error(`${value} is not among the values`)
    chunk.total--
    this.size--
    if (--chunk.counts[at]! > 0) return
    chunk.values.copyWithin(at, at + 1, chunk.length)
    chunk.counts.copyWithin(at, at + 1, chunk.length)
    chunk.length--
    this.#join(number)
    this.#join(number - 1)
  }

  /** The values at ascending ranks, from 0, each below `size`. */
  at(ranks: readonly number[]): Map<number, number> {
    const values = new Map<number, number>()
    let number = 0
    let before = 0
    for (const rank of ranks) {
      while (before + this.#chunks[number]!.total <= rank) before += this.#chunks[number++]!.total
      const chunk = this.#chunks[number]!
      let at = 0
      let left = rank - before
      while (chunk.counts[at]! <= left) left -= chunk.counts[at++]!
      values.set(rank, chunk.values[at]!)
    }
    return values
  }

  get chunks(): number {
    return this.#chunks.length
  }

  /** With the next one, where they fit into half a chunk together. */
  #join(number: number): void {
    const chunk = this.#chunks[number]
    const next = this.#chunks[number + 1]
    if (chunk === undefined || next === undefined || chunk.length + next.length > CHUNK / 2) return
    chunk.values.set(next.values.subarray(0, next.length), chunk.length)
    chunk.counts.set(next.counts.subarray(0, next.length), chunk.length)
    chunk.length += next.length
    chunk.total += next.total
    this.#chunks.splice(number + 1, 1)
  }

  /** The last chunk that begins at or below the value, else the first. */
  #chunkOf(value: number): number {
    let low = 0
    let high = this.#chunks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#chunks[middle]!.values[0]! <= value) low = middle
      else high = middle - 1
    }
    return low
  }
}

function newChunk(): Chunk {
  return { values: new Float64Array(CHUNK), counts: new Uint32Array(CHUNK), length: 0, total: 0 }
}

/** The first place whose value is not below this one. */
function placeOf({ values, length }: Chunk, value: number): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

function halves(chunk: Chunk): [Chunk, Chunk] {
  const half = chunk.length >> 1
  return [part(chunk, 0, half), part(chunk, half, chunk.length)]
}

function part({ values, counts }: Chunk, from: number, to: number): Chunk {
  const chunk = newChunk()
  chunk.values.set(values.subarray(from, to))
  chunk.counts.set(counts.subarray(from, to))
  chunk.length = to - from
  for (let at = 0; at < chunk.length; at++) chunk.total += chunk.counts[at]!
  return chunk
}
