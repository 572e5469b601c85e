/**
 * The page's address as runes. Whatever is opened or chosen is a step of the browser's history, so that back and forward
 * work, a reload shows the same, and an address can be sent to somebody.
 */
import type { Axis } from '../../../core/contracts/tiles.ts'
import { type Place, type PlaceChange, readPlace, writePlace } from './read-place.ts'

class PagePlace {
  #now: Place = $state.raw(readPlace(location.search))
  #search: string = $state.raw(location.search)
  #isGoingBack = false
  /** A step that was taken while the browser still goes back: taken at once, it would be the one that is gone back over. */
  #waiting: (() => void) | null = null

  constructor() {
    addEventListener('popstate', () => {
      this.#read()
      this.#isGoingBack = false
      this.#waiting?.()
      this.#waiting = null
    })
  }

  get axis() {
    return this.#now.axis
  }
  get panel() {
    return this.#now.panel
  }
  get tv() {
    return this.#now.tv
  }
  get night() {
    return this.#now.night
  }
  get hidden() {
    return this.#now.hidden
  }
  /** Whole, for what reads parameters of its own. */
  get search() {
    return this.#search
  }

  setAxis(axis: Axis): void {
    if (axis !== this.axis) this.#step({ axis })
  }

  setTv(tv: boolean): void {
    if (tv !== this.tv) this.#step({ tv, panel: null })
  }

  setHidden(hidden: boolean): void {
    if (hidden !== this.hidden) this.#step({ hidden })
  }

  /** What is chosen in what is open: no step of its own, back leads to the wall. */
  put(more: Readonly<Record<string, string | null>>): void {
    this.#stay({ more })
  }

  open(panel: string, more: Readonly<Record<string, string | null>> = {}): void {
    // One after the other is one step: back leads to the wall.
    if (this.panel !== null) this.#stay({ panel, more })
    else this.#step({ panel, more }, { openedHere: true })
  }

  /** Only if it is what is open: another one may have been opened meanwhile. */
  close(panel: string, more: Readonly<Record<string, string | null>> = {}): void {
    if (panel !== this.panel) return
    if (history.state?.openedHere) {
      this.#now = { ...this.#now, panel: null }
      this.#isGoingBack = true
      history.back()
    } else {
      this.#stay({ panel: null, more })
    }
  }

  #step(change: PlaceChange, state: object | null = null): void {
    if (this.#isGoingBack) {
      this.#waiting = () => this.#step(change, state)
      return
    }
    history.pushState(state, '', this.#url(change))
    this.#read()
  }

  #stay(change: PlaceChange): void {
    history.replaceState(history.state, '', this.#url(change))
    this.#read()
  }

  #read(): void {
    this.#now = readPlace(location.search)
    this.#search = location.search
  }

  #url(change: PlaceChange): string {
    return location.pathname + writePlace(location.search, change)
  }
}

export const place = new PagePlace()
