/**
 * Customers whose segment is no longer the stored one, in bounded batches.
 *
 * New cuts, or a day that passes where rules ask for recency in days, may move many at once. Each call looks at a bounded
 * number of rows from a cursor on and lists a bounded number of moves, so that they become rows and events at a pace
 * that the rest can stand. The caller stores what was listed before it goes on: then a walk that is cut short is begun
 * anew and finds only the rest.
 */
import type { Labeller } from './label-cells.ts'

export interface Moves {
  /** Row numbers, ascending, with the segments that they leave and enter. */
  rows: Uint32Array
  from: Uint8Array
  to: Uint8Array
  /** Where to go on; null at the end. */
  cursor: number | null
}

export interface ListMoves {
  /** The stored segment of each row. */
  segments: Uint8Array
  label: Labeller
  /** Begins at 0. */
  cursor: number
  /** At most so many moves. */
  limit: number
  /** At most so many rows are looked at; a million take some milliseconds. */
  maxRows?: number
}

/** Labelled at once: small enough for the cache. */
const BLOCK = 4_096
export const MAX_ROWS_PER_CALL = 1_000_000

export function listMoves({ segments, label, cursor, limit, maxRows = MAX_ROWS_PER_CALL }: ListMoves): Moves {
  const rows = new Uint32Array(limit)
  const labels = new Uint8Array(BLOCK)
  const end = Math.min(segments.length, cursor + maxRows)
  let found = 0
  let row = cursor
  const to = new Uint8Array(limit)
  while (row < end && found < limit) {
    const block = { from: row, to: Math.min(row + BLOCK, end) }
    label(block, labels)
    for (; row < block.to && found < limit; row++) {
      const segment = labels[row - block.from]!
      if (segment === segments[row]) continue
      rows[found] = row
      to[found++] = segment
    }
  }
  const moved = rows.subarray(0, found)
  return {
    rows: moved,
    from: Uint8Array.from(moved, (at) => segments[at]!),
    to: to.subarray(0, found),
    cursor: row < segments.length ? row : null,
  }
}
