/** Plays the steps of a pass in the rhythm of their times. */
import { say } from '../../../core/contracts/sayings.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import type { Feed } from './feed.ts'
import { advance, leap, type Pace } from './pace.ts'
import type { HealthReporter } from './report-health.ts'
import type { Step } from './timeline.ts'

export interface PlayOptions {
  feed: Feed
  health: HealthReporter
  clock: Clock
  signal: AbortSignal
  /** Event seconds per wall second. */
  speed: number
  pass: number
  steps: readonly Step[]
  /** Number of the first of `steps` in its pass. */
  offset: number
}

export const PROGRESS_INTERVAL_MS = 1_000
const HEALTH_INTERVAL_MS = 5_000
const MAX_STEPS_PER_APPEND = 500

/** Resolves when all steps are in the log, or when the signal aborted. */
export async function playSteps(options: PlayOptions): Promise<void> {
  const { feed, health, clock, signal, speed, pass, steps, offset } = options
  let at = Math.max(0, feed.position.pass === pass ? feed.position.next - offset : 0)
  const first = steps[at]
  if (first === undefined) return
  let pace: Pace = { eventMs: feed.upToMs ?? first.dueMs, wallMs: clock.now() }
  while (!signal.aborted) {
    pace = advance(pace, clock.now(), speed)
    const waiting = steps[at]
    if (waiting !== undefined) pace = leap(pace, waiting.dueMs)
    const end = dueEnd(steps, at, pace.eventMs)
    for (const step of steps.slice(at, end)) feed.add(step.events)
    at = end
    const next = steps[at]
    // When more is due than one append takes, time is only as far as what was sent.
    const upToMs = next === undefined ? pace.eventMs : Math.min(pace.eventMs, next.dueMs - 1)
    await feed.send({ upToMs, mode: 'replay', pass, next: offset + at }, signal)
    await health.report({ state: 'running', said: say('replay.pass', { pass, speed }) }, HEALTH_INTERVAL_MS)
    if (next === undefined) return
    await clock.sleep(pauseMs(next.dueMs - pace.eventMs, speed), signal)
  }
}

function dueEnd(steps: readonly Step[], from: number, eventMs: number): number {
  let end = from
  while (end < steps.length && end - from < MAX_STEPS_PER_APPEND && steps[end]!.dueMs <= eventMs) end += 1
  return end
}

/** Until the next order, but never longer than progress may be silent. */
function pauseMs(eventMs: number, speed: number): number {
  return Math.min(PROGRESS_INTERVAL_MS, Math.max(1, Math.ceil(eventMs / speed)))
}
