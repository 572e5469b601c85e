/** Where annotations stand over the chart: a line each at its minute, and its label in a row in which it has room. */
import type { NotesTile } from '../../../core/contracts/notes.ts'

export type ChartNote = NotesTile['annotations'][number]

export interface Mark {
  note: ChartNote
  /** Shares of the chart's width; null: it is of a moment. */
  at: number
  until: number | null
  /** From the top; null: there is no room for its label. */
  row: number | null
}

const ROWS = 2

/** `range`: the minutes that the chart shows; `labelShare`: what of its width a label takes. */
export function placeMarks(
  notes: readonly ChartNote[],
  [from, to]: readonly [number, number],
  labelShare: number,
): Mark[] {
  const shareOf = (minute: number) => (minute - from) / (to - from)
  const isShown = ({ fromMinute, untilMinute }: ChartNote) =>
    fromMinute <= to && (untilMinute ?? fromMinute) >= from
  const ends = Array.from({ length: ROWS }, () => Number.NEGATIVE_INFINITY)
  return notes
    .filter(isShown)
    .toSorted((a, b) => a.fromMinute - b.fromMinute)
    .map((note) => {
      const at = Math.max(0, shareOf(note.fromMinute))
      const until = note.untilMinute === null ? null : Math.min(1, shareOf(note.untilMinute))
      // At the right edge a label ends where the chart does.
      const begins = Math.min(at, 1 - labelShare)
      const free = ends.findIndex((end) => end <= begins)
      if (free >= 0) ends[free] = begins + labelShare
      return { note, at, until, row: free < 0 ? null : free }
    })
}
