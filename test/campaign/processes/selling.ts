/** What is sold to a house: one seeded source after the other in the same two shops, with books of all of it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { House } from '../../kafka/house.ts'
import { type PushedSource, type PushOptions, pushOn, pushRest } from '../../kafka/push-source.ts'
import { Books } from '../../oracle/books.ts'
import type { Random } from '../../oracle/random.ts'
import { SeededSource } from '../../oracle/seeded-source.ts'
import { NORTH_SHOP } from '../../oracle/shops.ts'

export interface Selling {
  /** Sells until `pause`; the door may be away meanwhile. */
  begin(): void
  /** Resolves when all that was begun is sold, every question is answered, and all of it is in the table. */
  finish(caughtUp: () => Promise<void>): Promise<void>
  /** What must be in the table after `finish`. */
  books(): Books
  orders(): number
  /** Whatever is under way. */
  abort(): Promise<void>
}

const ORDERS = 80

export function openSelling(house: House, random: Random, open: PushOptions, everyMs: number): Selling {
  const givingUp = new AbortController()
  const door = { ...open, givenUp: givingUp.signal }
  const sources: SeededSource[] = []
  const asked = new Set<string>()
  let isSelling = false
  let stopping = new AbortController()
  let selling: Promise<void> = Promise.resolve()
  const current = () => sources.at(-1)

  const all: PushedSource = {
    get left() {
      return isSelling ? Number.POSITIVE_INFINITY : (current()?.left ?? 0)
    },
    nextEvents: (count) => {
      if (isSelling && (current()?.left ?? 0) === 0) sources.push(sourceOf(random, sources.length + 1))
      return current()?.nextEvents(count) ?? []
    },
    answer: (command) => {
      for (const source of sources) {
        const answer = source.answer(command)
        if (answer !== undefined) return answer
      }
      return undefined
    },
  }
  const pause = async () => {
    isSelling = false
    stopping.abort()
    await selling
  }
  return {
    begin: () => {
      isSelling = true
      stopping = new AbortController()
      selling = pushOn(door, all, everyMs, stopping.signal)
      // Looked at when it is paused.
      selling.catch(() => {})
    },
    finish: async (caughtUp) => {
      await pause()
      await pushRest(door, all, house.log, caughtUp, asked)
    },
    books: () => sources.reduce((books, source) => books.merge(source.books()), new Books()),
    orders: () => sources.reduce((sum, { lives }) => sum + lives.size, 0),
    abort: async () => {
      isSelling = false
      stopping.abort()
      // Its house is closed now: the door would be looked for until the end of time.
      givingUp.abort()
      await Promise.race([selling.catch(() => {}), delay(1_000)])
    },
  }
}

/** Ids of its own, with slashes, quotes and backslashes in some: the shops are the same. */
function sourceOf(random: Random, nth: number): SeededSource {
  return new SeededSource({
    ...{ seed: random.int(1, 2 ** 30), shop: NORTH_SHOP, orders: ORDERS, shuffleWindow: 30, bad: false },
    orderIdOf: (n) => (n % 3 === 0 ? `${nth}/№ ${n}'s "x"\\` : `${nth}-${n}`),
  })
}
