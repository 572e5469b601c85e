import type { Page, Shown } from './pages.ts'

/** So long before its turn the next wall is drawn, unseen, and asks for what it shows: nothing flashes when it comes. */
const PREPARE_MS = 3_000

/** One wall after the other; of a single one nothing turns. */
export class TurnedPages {
  #shown: () => Shown
  #at = $state(0)
  #isPreparing = $state(false)

  /** In a component that starts: it turns while that is there. */
  constructor(shown: () => Shown) {
    this.#shown = shown
    $effect(() => {
      const { pages, seconds } = shown()
      // Also begins anew with each turn.
      const next = this.#at + 1
      if (pages.length < 2) return
      this.#isPreparing = false
      const preparing = setTimeout(
        () => {
          this.#isPreparing = true
        },
        seconds * 1_000 - PREPARE_MS,
      )
      const turning = setTimeout(() => {
        this.#at = next
      }, seconds * 1_000)
      return () => {
        clearTimeout(preparing)
        clearTimeout(turning)
      }
    })
  }

  /** How often it was turned. */
  get turns(): number {
    return this.#at
  }

  get current(): Page {
    return this.#page(this.#at)
  }

  /** What is drawn: the one that is seen, and the next one shortly before its turn. */
  get drawn(): readonly Page[] {
    const next = this.#page(this.#at + 1)
    return this.#isPreparing && next.name !== this.current.name ? [this.current, next] : [this.current]
  }

  #page(at: number): Page {
    const { pages } = this.#shown()
    return pages[at % pages.length] ?? pages[0]
  }
}
