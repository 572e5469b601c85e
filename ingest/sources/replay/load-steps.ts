/**
 * Reads the file from its beginning, sends the history as fast as it goes, and keeps the part that is to be played.
 * What the log has already is read again (the refunds need it) but not sent again.
 */
import { say } from '../../../core/contracts/sayings.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { type CsvRecord, createCsvParser } from './csv-parser.ts'
import type { Feed } from './feed.ts'
import { readFileChunks } from './read-file.ts'
import type { BadRecord, TimelinePart, TimelineReader } from './read-timeline.ts'
import type { HealthReporter } from './report-health.ts'
import type { Step } from './timeline.ts'

export interface LoadOptions {
  file: string
  total: number
  reader: TimelineReader
  feed: Feed
  health: HealthReporter
  clock: Clock
  signal: AbortSignal
  /** Sends everything and keeps nothing to play. */
  all: boolean
  /** Steps from this local time on are kept; undefined: eleven months after the first of the file's first month. */
  untilLocalMs: number | undefined
}

const MAX_EVENTS_PER_APPEND = 2_000
/** The first append is a small one, so that the wall has a number at once. */
const FIRST_EVENTS = 20
const FIRST_PAUSE_MS = 1_000
const MAX_BYTES_PER_APPEND = 524_288
const MAX_WAIT_MS = 250
const HEALTH_INTERVAL_MS = 500
/** After each piece of the file, at the most. */
const MAX_REST_MS = 100
/** They stay in memory as long as the replay plays: about 3 KB each. */
const MAX_PLAYED_STEPS = 200_000

/** The steps to be played, and the number of the first of them. */
export interface Loaded {
  played: Step[]
  historySteps: number
}

export async function loadSteps(options: LoadOptions): Promise<Loaded> {
  const { reader, feed, health, clock, signal } = options
  const sinceMs = clock.now()
  const resumed = feed.position.pass > 1 || feed.position.next > 0
  const load = createLoad(options)
  for await (const records of readPieces(options.file)) {
    if (signal.aborted) return load.loaded
    const beganMs = clock.now()
    await load.take(reader.push(records))
    // Others have their part of this thread: the wall counts while history loads, and is slower to take than to read.
    const restMs = options.all ? 0 : Math.min(clock.now() - beganMs, MAX_REST_MS)
    if (restMs > 0) await clock.sleep(restMs, signal)
    const said = resumed ? say('replay.rereading') : undefined
    const { lines: loaded } = reader.stats
    const total = Math.max(loaded, options.total)
    await health.report({ state: 'loading', loaded, total, sinceMs, said }, HEALTH_INTERVAL_MS)
  }
  await load.take(reader.end())
  await load.end()
  const { lines } = reader.stats
  await health.report({ state: 'loading', loaded: lines, total: lines, sinceMs, said: say('source.loaded') })
  return load.loaded
}

/** The records of the file without its header, piece by piece. */
export async function* readPieces(file: string): AsyncGenerator<CsvRecord[]> {
  const parser = createCsvParser()
  let isHeader = true
  for await (const chunk of readFileChunks(file)) {
    const records = parser.push(chunk.toString('latin1'))
    // Its content was checked by inspectFile.
    if (isHeader && records.shift() !== undefined) isHeader = false
    yield records
  }
  yield parser.end()
}

function createLoad({ feed, clock, signal, all, ...options }: LoadOptions) {
  const loaded: Loaded = { played: [], historySteps: 0 }
  const doneSteps = feed.position.pass > 1 ? Number.POSITIVE_INFINITY : feed.position.next
  let untilLocalMs = options.untilLocalMs
  let doneLetters = feed.position.letters
  let lastDueMs = 0
  let sentAtMs = clock.now()
  let isFirst = true

  async function send(upToMs: number): Promise<void> {
    await feed.send({ upToMs, mode: 'history', pass: 1, next: loaded.historySteps }, signal)
    // The first number comes to the page before anything else is read: a browser is opening it on the same cores.
    if (isFirst && !all) await clock.sleep(FIRST_PAUSE_MS, signal)
    sentAtMs = clock.now()
    isFirst = false
  }

  async function takeStep(step: Step): Promise<void> {
    if (untilLocalMs === undefined) {
      untilLocalMs = elevenMonths(step.invoice.localMs)
      feed.playFrom(untilLocalMs)
    }
    if (!all && step.invoice.localMs >= untilLocalMs) {
      if (loaded.played.push(step) > MAX_PLAYED_STEPS)
        throw new RevwallError(
          'REPLAY_TOO_LARGE',
          `more than ${MAX_PLAYED_STEPS} invoices to play; begin playing later, or load it with --all`,
        )
      return
    }
    loaded.historySteps += 1
    lastDueMs = step.dueMs
    if (loaded.historySteps <= doneSteps) return
    feed.add(step.events)
    // Steps of the same instant may follow, so it is complete only up to the moment before.
    const most = isFirst ? FIRST_EVENTS : MAX_EVENTS_PER_APPEND
    if (feed.waitingEvents >= most || feed.waitingBytes >= MAX_BYTES_PER_APPEND) await send(lastDueMs - 1)
  }

  async function sendLetters(bad: readonly BadRecord[]): Promise<void> {
    const known = Math.min(doneLetters, bad.length)
    doneLetters -= known
    await feed.sendLetters(bad.slice(known), signal)
  }

  return {
    loaded,
    async take({ steps, bad }: TimelinePart): Promise<void> {
      await sendLetters(bad)
      for (const step of steps) await takeStep(step)
      if (feed.waitingEvents > 0 && clock.now() - sentAtMs > MAX_WAIT_MS) await send(lastDueMs - 1)
    },
    /** The history is complete up to its last step. */
    async end(): Promise<void> {
      if (loaded.historySteps === 0 || loaded.historySteps < doneSteps) return
      const next = loaded.played[0]
      const upToMs = next === undefined ? lastDueMs : Math.min(lastDueMs, next.dueMs - 1)
      if (feed.waitingEvents > 0 || upToMs > (feed.upToMs ?? 0)) await send(upToMs)
    },
  }
}

function elevenMonths(localMs: number): number {
  const first = new Date(localMs)
  return Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 11, 1)
}
