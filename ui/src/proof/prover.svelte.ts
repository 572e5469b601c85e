/** Which tile's number is being proved; nothing where there are no controls. */
class Prover {
  tile = $state<string | null>(null)
  isOffered = $state(false)

  prove(tile: string | null): void {
    if (this.isOffered && tile !== null) this.tile = tile
  }

  close(): void {
    this.tile = null
  }
}

export const prover = new Prover()
