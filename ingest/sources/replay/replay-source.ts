/**
 * The replay source: history as fast as it goes, then the rest in its own rhythm, pass after pass. Everything that is
 * decided is decided by pure functions of the file and of the position in the log; here they are put in a row.
 */

import { say, type Told } from '../../../core/contracts/sayings.ts'
import type { Feed } from './feed.ts'
import { inspectFile } from './inspect-file.ts'
import { type Loaded, loadSteps } from './load-steps.ts'
import { formatLocalTime } from './local-text.ts'
import { passSteps } from './passes.ts'
import { PROGRESS_INTERVAL_MS, playSteps } from './play-steps.ts'
import { createTimelineReader } from './read-timeline.ts'
import { type ReplayOptions, type ReplaySettings, type ReplaySummary, settle } from './replay-options.ts'
import { createHealthReporter, type HealthReporter } from './report-health.ts'
import { resumeFeed } from './resume-feed.ts'

export interface ReplaySource {
  /** Its name in every event. */
  readonly source: string
  /**
   * Runs until the signal aborts (or, with `all`, until everything is in the log). Errors: those of inspectFile and
   * resumeFeed, `REPLAY_TOO_MANY_BAD_LINES`, `REPLAY_TOO_LARGE`, and the log's own.
   */
  run(signal: AbortSignal): Promise<ReplaySummary>
}

/** Errors: `REPLAY_BAD_SPEED`, `REPLAY_BAD_TIME`. */
export function createReplaySource(options: ReplayOptions): ReplaySource {
  const settings = settle(options)
  return { source: settings.source, run: (signal) => run(settings, signal) }
}

async function run(settings: ReplaySettings, signal: AbortSignal): Promise<ReplaySummary> {
  const { clock, logger, source, currency, all } = settings
  const startedMs = clock.now()
  const health = createHealthReporter(settings)
  // 1. The file is judged before anything is sent, and the position read before anything is added behind it.
  const file = await (settings.inspected ?? inspectFile(settings.file))
  const feed = await resumeFeed(settings, file)
  const { judgedAtMs } = feed.position
  const reader = createTimelineReader({ ...settings, judgedAtMs })
  await health.report({ state: 'starting', loaded: 0, total: file.lines })
  // 2. The file is read to its end whatever the position is: refunds need the orders before them.
  const isFresh = feed.upToMs === undefined
  const untilLocalMs = isFresh ? settings.untilLocalMs : feed.position.untilLocalMs
  const load = {
    file: settings.file,
    total: file.lines,
    reader,
    feed,
    health,
    clock,
    signal,
    all,
    untilLocalMs,
  }
  const loaded = await loadSteps(load)
  logger.info('replay: the file is read', {
    source,
    lines: reader.stats.lines,
    sent: feed.sent,
    ms: clock.now() - startedMs,
  })
  // 3. The rest in its rhythm, until somebody stops it.
  if (!all && !signal.aborted) await play(settings, { feed, health, loaded, signal })
  const state = all && !signal.aborted ? 'loaded' : 'stopped'
  await health.report({ state: state === 'loaded' ? 'ended' : 'stopped', said: say(`source.${state}`) })
  return { source, state, stats: reader.stats, currency, sent: feed.sent, elapsedMs: clock.now() - startedMs }
}

interface Playing {
  feed: Feed
  health: HealthReporter
  loaded: Loaded
  signal: AbortSignal
}

async function play(settings: ReplaySettings, playing: Playing): Promise<void> {
  const { clock, logger, speed } = settings
  const { feed, health, loaded, signal } = playing
  const common = { feed, health, clock, signal, speed }
  const { pass: firstPass } = feed.position
  const invoices = loaded.played.map(({ invoice }) => invoice)
  if (firstPass === 1)
    await playSteps({ ...common, pass: 1, steps: loaded.played, offset: loaded.historySteps })
  for (let pass = Math.max(2, firstPass); !signal.aborted; pass++) {
    const steps = passSteps(invoices, pass, settings)
    const endMs = steps.at(-1)?.dueMs
    const end = endMs === undefined ? say('replay.nothing-left') : tooLate(endMs, pass, clock.now())
    if (end !== undefined) {
      logger.info(`replay ended: ${end.message}`, { source: settings.source })
      return stayEnded(settings, playing, end)
    }
    await playSteps({ ...common, pass, steps, offset: 0 })
  }
}

function tooLate(endMs: number, pass: number, nowMs: number): Told | undefined {
  if (endMs <= nowMs) return undefined
  return say('replay.past-today', { pass, at: formatLocalTime(endMs) })
}

const ENDED_INTERVAL_MS = 4 * PROGRESS_INTERVAL_MS
const ENDED_HEALTH_INTERVAL_MS = 10_000

/** The source is complete and stays so: progress tells that it is quiet, not stale. */
async function stayEnded(settings: ReplaySettings, playing: Playing, said: Told): Promise<void> {
  const { feed, health, signal } = playing
  while (!signal.aborted) {
    await health.report({ state: 'ended', said }, ENDED_HEALTH_INTERVAL_MS)
    const { pass, next } = feed.position
    if (feed.upToMs !== undefined)
      await feed.send({ upToMs: feed.upToMs, mode: 'replay', pass, next }, signal)
    await settings.clock.sleep(ENDED_INTERVAL_MS, signal)
  }
}
