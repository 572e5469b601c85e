/** How long each part of a round lasts. */
export interface Pace {
  /** Nothing is done to it for so long, at the least and at the most. */
  steadyMs: readonly [number, number]
  /** A fault lasts so long, where it lasts. */
  holdMs: number
  /** So long a ClickHouse is away while orders come in, at the least. */
  awayMs: number
  /** Between two pushes of ten events. */
  pushEveryMs: number
  /** In one house, before the next one is opened. */
  rounds: number
}

export const FULL_PACE: Pace = {
  steadyMs: [45_000, 75_000],
  holdMs: 20_000,
  awayMs: 60_000,
  pushEveryMs: 200,
  rounds: 8,
}

/** For a look, and for tests. */
export const QUICK_PACE: Pace = {
  steadyMs: [1_000, 3_000],
  holdMs: 3_000,
  awayMs: 10_000,
  pushEveryMs: 200,
  rounds: 8,
}

/** `awayMs` with `--long`. */
export const LONG_AWAY_MS = 600_000
