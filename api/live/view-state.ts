/** What a view shows now: each tile with its JSON, which every frame that has it takes as it is. */
import { randomUUID } from 'node:crypto'
import type { TileName, Tiles } from '../../core/contracts/tiles.ts'

export interface ViewState {
  readonly epoch: string
  /** Of the newest frame; 0 before there is anything to show. */
  seq: number
  /** The tenant's now, ISO. */
  eventTime: string
  tiles: Partial<Tiles>
  json: Map<TileName, string>
}

export const emptyViewState = (eventTime: string): ViewState => ({
  epoch: randomUUID(),
  seq: 0,
  eventTime,
  tiles: {},
  json: new Map(),
})

/** Takes the tiles that differ and returns their names; `seq` goes on when there are any. */
export function applyTiles(state: ViewState, tiles: Partial<Tiles>): TileName[] {
  const changed: TileName[] = []
  for (const name of Object.keys(tiles) as TileName[]) {
    const json = JSON.stringify(tiles[name])
    if (json === undefined || state.json.get(name) === json) continue
    state.json.set(name, json)
    changed.push(name)
  }
  state.tiles = { ...state.tiles, ...tiles }
  if (changed.length > 0) state.seq += 1
  return changed
}
