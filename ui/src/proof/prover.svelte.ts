import { place } from '../place/place.svelte.ts'
import { isProvable } from './provable.ts'

const PANEL = 'proof-'

/** Which tile's number is being proved; nothing where there are no controls. */
class Prover {
  isOffered = $state(false)

  get tile(): string | null {
    const tile = place.panel?.startsWith(PANEL) ? place.panel.slice(PANEL.length) : ''
    return this.isOffered && isProvable(tile) ? tile : null
  }

  prove(tile: string | null): void {
    if (this.isOffered && tile !== null) place.open(PANEL + tile)
  }

  close(): void {
    if (this.tile !== null) place.close(PANEL + this.tile)
  }
}

export const prover = new Prover()
