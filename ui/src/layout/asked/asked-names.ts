import type { TileName } from '../../../../core/contracts/wall-tiles.ts'

/** Tiles that no frame brings. */
export type AskedName = Extract<
  TileName,
  'region' | 'channel' | 'state' | 'rep' | 'reps' | 'segments' | 'profile' | 'map' | 'outlook' | 'incidents'
>
