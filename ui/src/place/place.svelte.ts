/**
 * The page's address as runes. Whatever is opened or chosen is a step of the browser's history, so that back and forward
 * work, a reload shows the same, and an address can be sent to somebody.
 */
import type { Axis } from '../../../core/contracts/tiles.ts'
import { type Place, readPlace, writePlace } from './read-place.ts'

class PagePlace {
  #now: Place = $state.raw(readPlace(location.search))
  #isGoingBack = false
  /** A step that was taken while the browser still goes back: taken at once, it would be the one that is gone back over. */
  #waiting: (() => void) | null = null

  constructor() {
    addEventListener('popstate', () => {
      this.#now = readPlace(location.search)
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

  setAxis(axis: Axis): void {
    if (axis !== this.axis) this.#step({ axis })
  }

  setTv(tv: boolean): void {
    if (tv !== this.tv) this.#step({ tv, panel: null })
  }

  open(panel: string): void {
    if (panel === this.panel) return
    // One after the other is one step: back leads to the wall.
    if (this.panel === null) this.#step({ panel }, { openedHere: true })
    else this.#stay({ panel })
  }

  /** Only if it is what is open: another one may have been opened meanwhile. */
  close(panel: string): void {
    if (panel !== this.panel) return
    if (history.state?.openedHere) {
      this.#now = { ...this.#now, panel: null }
      this.#isGoingBack = true
      history.back()
    } else {
      this.#stay({ panel: null })
    }
  }

  #step(change: Partial<Place>, state: object | null = null): void {
    if (this.#isGoingBack) {
      this.#waiting = () => this.#step(change, state)
      return
    }
    history.pushState(state, '', this.#url(change))
    this.#now = readPlace(location.search)
  }

  #stay(change: Partial<Place>): void {
    history.replaceState(history.state, '', this.#url(change))
    this.#now = readPlace(location.search)
  }

  #url(change: Partial<Place>): string {
    return location.pathname + writePlace(location.search, change)
  }
}

export const place = new PagePlace()
