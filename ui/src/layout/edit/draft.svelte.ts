import type { Axis } from '../../../../core/contracts/tiles.ts'
import type { WallLayout } from '../../../../core/contracts/walls.ts'
import type { Page } from '../pages.ts'
import { FIRST_TILES, type Tiles } from './change-tiles.ts'

const MAX_UNDOS = 200

/** A wall that is being edited. */
export class Draft {
  readonly of: string
  /** The saved one that it changes; null: it is a new wall. */
  readonly version: string | null
  name = $state('')
  title = $state('')
  hidden = $state(false)
  /** On which days its numbers count, where the address does not say. */
  axis: Axis = $state('booked')
  tiles: Tiles = $state.raw(FIRST_TILES)
  #before: Tiles[] = $state.raw([])
  #saved: string

  constructor({ name, layout }: Page, version: string | null) {
    this.of = name
    this.version = layout === null ? null : version
    if (layout !== null) {
      this.name = name
      this.title = layout.title
      this.hidden = layout.hidden ?? false
      this.tiles = layout.tiles
      this.axis = layout.axis ?? 'booked'
    }
    this.#saved = JSON.stringify(this.layout)
  }

  get layout(): WallLayout {
    const { title, tiles, hidden, axis } = this
    return {
      title: title.trim(),
      tiles: [...tiles],
      // What goes without saying is not said.
      ...(axis !== 'booked' && { axis }),
      ...(hidden && { hidden }),
    }
  }

  get isChanged(): boolean {
    return JSON.stringify(this.layout) !== this.#saved
  }

  /** False: they are the same, and there is nothing to take back. `since`: what taking it back leads to. */
  change(next: Tiles, since = this.tiles): boolean {
    if (next === since) return false
    this.#before = [...this.#before, since].slice(-MAX_UNDOS)
    this.tiles = next
    return true
  }

  undo(): boolean {
    const last = this.#before.at(-1)
    if (last === undefined) return false
    this.#before = this.#before.slice(0, -1)
    this.tiles = last
    return true
  }
}

/** What was not saved when the browser went back is there again when the same wall is edited. */
let kept: Draft | null = null

export function openDraft(page: Page, version: string | null): Draft {
  if (kept?.of !== page.name || !kept.isChanged) kept = new Draft(page, version)
  return kept
}

export function forgetDraft(): void {
  kept = null
}
