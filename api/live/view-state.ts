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
  /** The frame in which each tile differed last: what a client lacks follows from the last frame that it has. */
  changedAt: Map<TileName, number>
}

export const emptyViewState = (eventTime: string): ViewState => ({
  epoch: randomUUID(),
  seq: 0,
  eventTime,
  tiles: {},
  json: new Map(),
  changedAt: new Map(),
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
  for (const name of changed) state.changedAt.set(name, state.seq)
  return changed
}
