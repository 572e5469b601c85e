/**
 * Which tiles differed in the last frames of a view, so that a client that was away for a moment gets these and no more.
 * A frame is kept as its tiles' names alone: values are absolute, so what a client lacks is the newest value of each,
 * and that is in the view's state. The ring is therefore bounded by its frames, whatever these held.
 */
import type { TileName } from '../../core/contracts/tiles.ts'

export const RING_MS = 60_000
/** A minute of frames at the pace of the beats (`view.ts`) is 720; one more pushes the oldest out. */
export const MAX_RING_FRAMES = 1_000

export interface ResumeRing {
  /** Frame `seq` has these tiles; it follows the one before without a gap. */
  push(seq: number, names: readonly TileName[], nowMs: number): void
  /** What differs between the frame `seq` and the newest one; undefined when the ring does not reach back so far. */
  since(seq: number, nowMs: number): Set<TileName> | undefined
}

export function createResumeRing(): ResumeRing {
  const frames: { seq: number; names: readonly TileName[]; atMs: number }[] = []
  let newest = 0

  function forget(nowMs: number): void {
    const old = frames.findIndex(({ atMs }) => nowMs - atMs <= RING_MS)
    frames.splice(0, old === -1 ? frames.length : old)
    frames.splice(0, Math.max(0, frames.length - MAX_RING_FRAMES))
  }

  return {
    push(seq, names, nowMs) {
      frames.push({ seq, names, atMs: nowMs })
      newest = seq
      forget(nowMs)
    },
    since(seq, nowMs) {
      forget(nowMs)
      const oldest = frames[0]?.seq ?? newest + 1
      // The frame after `seq` must be here, unless there is none yet; a `seq` to come is none of ours.
      if (seq > newest || seq + 1 < oldest) return undefined
      return new Set(frames.filter((frame) => frame.seq > seq).flatMap(({ names }) => names))
    },
  }
}
