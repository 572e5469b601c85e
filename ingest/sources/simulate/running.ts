/** A simulation on its way into the log: what history and real time share. */
import type { SourceProgress } from '../../../core/contracts/source-progress.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import type { HealthReporter } from '../replay/report-health.ts'
import type { Feed } from './feed.ts'
import type { PaceChange } from './intensity.ts'
import { MAX_PACES, type Position } from './position.ts'
import type { Simulation } from './simulation.ts'

export interface Running {
  readonly simulation: Simulation
  readonly feed: Feed
  readonly health: HealthReporter
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Orders come at this pace from an instant on, unless they do already; a full list of paces keeps the last. */
  changePace(change: PaceChange): void
  /** Fills the feed with what is due by then, up to what one append takes; true when that is all. */
  fill(untilMs: number): boolean
  /** Appends it. `untilMs` is how far the simulation is complete if `fill` said that this is all. */
  send(mode: SourceProgress['mode'], isAll: boolean, untilMs: number): Promise<void>
}

const MAX_RECORDS_PER_APPEND = 2_000
const MAX_BYTES_PER_APPEND = 524_288

/** `begun` is the position that the log has, with the paces so far. */
export function createRunning(
  begun: Position,
  parts: Pick<Running, 'simulation' | 'feed' | 'health' | 'clock' | 'signal'>,
): Running {
  const { simulation, feed, signal } = parts
  const paces = [...begun.paces]

  return {
    ...parts,
    changePace(change) {
      if (isPace(paces.at(-1), change) || paces.length >= MAX_PACES) return
      paces.push(simulation.changePace(change))
    },
    fill(untilMs) {
      while (feed.waiting < MAX_RECORDS_PER_APPEND && feed.waitingBytes < MAX_BYTES_PER_APPEND) {
        const record = simulation.next(untilMs)
        if (record === undefined) return true
        feed.add(record)
      }
      return false
    },
    send(mode, isAll, untilMs) {
      // Others of the same instant may follow, so it is complete only up to the moment before.
      const upToMs = isAll ? untilMs : simulation.lastMs - 1
      return feed.send({ upToMs, mode, position: { ...begun, told: simulation.told, paces } }, signal)
    },
  }
}

type Pace = Pick<PaceChange, 'perSecond' | 'steady'>

/** What its customers buy: the pace at which every shop begins. */
export const USUAL_PACE: Pace = { perSecond: null, steady: false }

export function isPace(pace: Pace | undefined, other: Pace): boolean {
  const { perSecond, steady } = pace ?? USUAL_PACE
  return perSecond === other.perSecond && steady === other.steady
}
