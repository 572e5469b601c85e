/**
 * One (tenant, axis): reads its tiles when they were touched, and sends its clients what differs.
 *
 * In two beats, so that the numbers that people watch do not wait for the others: hero, sources and health first; then,
 * twice a second at most, the lists, the pace, the notes, the proof, and the chart that was read with the hero. The first frame has all.
 */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Axis, Tiles } from '../../core/contracts/tiles.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { UNREACHABLE } from '../api-error.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import type { FrameMemory } from '../shared/frame-memory.ts'
import { type DayWindow, dayWindow } from './day-window.ts'
import { createFanOut, type FanOut } from './fan-out.ts'
import { createHoldOff } from './hold-off.ts'
import { readExactness } from './read-exactness.ts'
import { createNotesReader } from './read-notes-tile.ts'
import { createNumbersReader, type DayTiles } from './read-numbers.ts'
import { createPaceReader } from './read-pace-tile.ts'
import type { TenantFacts } from './tenant-facts.ts'
import { mergeDays, type TouchedDays } from './touched.ts'
import { applyTiles, emptyViewState, type ViewState } from './view-state.ts'
import type { NewsTimes } from './watch-marks.ts'

/** The day's numbers: at once, then not again for so long. */
const DAY_HOLD_OFF_MS = 100
/** What stands around them changes less, and costs more to read and to send. */
const LISTS_HOLD_OFF_MS = 500
/** How long the first frame waits for the numbers; a server that hangs is then told of without them. */
const FIRST_FRAME_WAIT_MS = 2_000
const EXACTNESS_INTERVAL_MS = 2_000

export interface View {
  readonly state: ViewState
  readonly fanOut: FanOut
  /** What other processes know of its frames, and it of theirs; undefined: nothing is shared. */
  readonly memory: FrameMemory | undefined
  /** Resolves after the first attempt to read everything. */
  readonly firstRead: Promise<void>
  /** Looks again; `days` are those whose numbers may have changed. */
  touch(days: TouchedDays | undefined, since?: NewsTimes): void
  heartbeat(): void
  stop(): Promise<void>
}

export interface ViewOptions {
  tenant: TenantConfig
  axis: Axis
  database: string
  warehouse: Warehouse
  facts: TenantFacts
  memory?: FrameMemory
  /** Without them no day is forecast, and a pace never comes. */
  analytics: boolean
  /** Called when a query found no server. */
  onUnreachable: () => void
  clock: Clock
  logger: Logger
  metrics: ApiMetrics
}

export function createView(options: ViewOptions): View {
  const { tenant, axis, database, warehouse, facts, memory, clock, metrics } = options
  const scope = { database, tenant: tenant.id, axis, currency: tenant.currency }
  const numbers = createNumbersReader(warehouse, scope)
  const pace = createPaceReader(warehouse, scope, options)
  const notes = createNotesReader(warehouse, scope, options)
  const state = emptyViewState(new Date(facts.time().nowMs).toISOString())
  const fanOut = createFanOut(state, metrics, memory)
  const dayBeat = createHoldOff({ run: beatDay, holdOffMs: DAY_HOLD_OFF_MS, clock })
  const listsBeat = createHoldOff({ run: beatLists, holdOffMs: LISTS_HOLD_OFF_MS, clock })
  const first = deferred()
  let watermarks: Record<string, string | null> = {}
  let touched: TouchedDays | undefined = 'all'
  let listsTouched = true
  let news: NewsTimes | undefined
  let shownMinute = ''
  let listsDay = ''
  /** Read with the hero and not sent yet. */
  let chart: Tiles['chart'] | undefined
  let exactnessAtMs = Number.NEGATIVE_INFINITY
  let complaint: string | undefined

  async function beatDay(): Promise<void> {
    const { nowMs } = facts.time()
    // Before the numbers are read: what is said of their completeness must not be newer than they are.
    const known = facts.tiles()
    const { hero: complete } = facts.watermarks()
    const since = news
    news = undefined
    const window = dayWindow(nowMs, tenant.timeZone)
    // The rows of one day must not stand beside the hero of another.
    const isNewDay = window.today.day !== listsDay
    const isTouched = touched !== undefined
    const reading = Promise.all([readDay(window), isNewDay ? readLists(window) : {}])
    if (state.seq === 0 && !(await isDoneWithin(reading, FIRST_FRAME_WAIT_MS))) publish(known, nowMs)
    const [day, lists] = await reading
    chart = day?.chart ?? chart
    // Not before, or a beat of the lists that is due just now would overtake the hero.
    if (isTouched && !isNewDay && day !== undefined) listsTouched = true
    publish({ ...known, ...lists, ...heroOf(day), ...(isNewDay && takeChart()) }, nowMs)
    if (day !== undefined) watermarks = { ...watermarks, hero: complete ?? null }
    if (since !== undefined && day?.hero !== undefined) observe(since)
    first.resolve()
    listsBeat.touch()
  }

  function observe({ committedAtMs, appendedAtMs }: NewsTimes): void {
    const secondsSince = (ms: number) => Math.max(0, clock.now() - ms) / 1_000
    metrics.commitToFrameSeconds.observe(secondsSince(committedAtMs))
    if (appendedAtMs !== undefined) metrics.eventToFrameSeconds.observe(secondsSince(appendedAtMs))
  }

  async function beatLists(): Promise<void> {
    const window = dayWindow(facts.time().nowMs, tenant.timeZone)
    // A new day begins with its hero, and all of it is read together there.
    const lists = window.today.day === listsDay ? await readLists(window) : {}
    if (window.today.day === listsDay) publish({ ...lists, ...takeChart() })
    // The chart that was sent just now is of the newest reading of the hero.
    watermarks = { ...watermarks, chart: watermarks.hero ?? null }
  }

  function takeChart(): Partial<Tiles> {
    const taken = chart === undefined ? {} : { chart }
    chart = undefined
    return taken
  }

  /** Nothing when it need not be read; undefined when it could not, and then it is still to be read. */
  async function readDay(window: DayWindow): Promise<Partial<DayTiles> | undefined> {
    const minute = `${window.today.day}/${window.elapsedMinutes}`
    const days = touched
    if (days === undefined && minute === shownMinute) return {}
    touched = undefined
    const tiles = await attempt(() => numbers.readDay(window, days ?? new Set()))
    if (tiles === undefined) touched = mergeDays(touched, days ?? new Set())
    else shownMinute = minute
    return tiles
  }

  async function readLists(window: DayWindow): Promise<Partial<Tiles>> {
    const { hero: _, chart: __, ...complete } = facts.watermarks()
    const [lists, ...others] = await Promise.all([
      readRows(window),
      readPace(window),
      readNotes(window),
      readProof(),
    ])
    const beside: Partial<Tiles> = Object.assign({}, ...others)
    if (lists === undefined) return beside
    watermarks = { ...watermarks, ...complete }
    return { ...lists, ...beside }
  }

  /** As `readDay`: nothing, or undefined. */
  async function readRows(window: DayWindow): Promise<Partial<Tiles> | undefined> {
    const { day } = window.today
    const before = listsDay
    if (!listsTouched && before === day) return {}
    listsTouched = false
    const lists = await attempt(() => numbers.readLists(window))
    // Another day has begun meanwhile, whose rows were read after these.
    if (listsDay !== before) return {}
    if (lists === undefined) listsTouched = true
    else listsDay = day
    return lists
  }

  async function readPace(window: DayWindow): Promise<Partial<Tiles>> {
    const tile = await attempt(() => pace.read(window))
    return tile === undefined ? {} : { pace: tile }
  }

  async function readNotes(window: DayWindow): Promise<Partial<Tiles>> {
    const tile = await attempt(() => notes.read(window))
    return tile === undefined ? {} : { notes: tile }
  }

  async function readProof(): Promise<Partial<Tiles>> {
    if (clock.now() - exactnessAtMs < EXACTNESS_INTERVAL_MS) return {}
    const exactness = await attempt(() =>
      readExactness(warehouse, { ...scope, verifying: facts.verifying() }),
    )
    if (exactness === undefined) return {}
    exactnessAtMs = clock.now()
    return { exactness }
  }

  async function attempt<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await read()
      complaint = undefined
      return answer
    } catch (error) {
      const code = errorCode(error) ?? 'unknown'
      if (UNREACHABLE.has(code)) options.onUnreachable()
      // Once for each kind, or a server that is down would fill the log.
      else if (code !== complaint) options.logger.error('cannot read the wall', { ...scope, error })
      complaint = code
      return undefined
    }
  }

  function publish(tiles: Partial<Tiles>, nowMs?: number): void {
    if (nowMs !== undefined) state.eventTime = new Date(nowMs).toISOString()
    // Health is what it is after the reading, which may have found no server.
    const changed = applyTiles(state, { ...tiles, health: facts.tiles().health })
    fanOut.markDirty(changed, clock.now())
    fanOut.flush(clock.now())
  }

  return {
    state,
    fanOut,
    memory,
    firstRead: first.promise,
    touch(days, since) {
      touched = mergeDays(touched, days)
      news ??= since
      dayBeat.touch()
    },
    heartbeat() {
      const exactness = state.tiles.exactness?.provedAt ?? null
      fanOut.flush(clock.now())
      fanOut.heartbeat({ ...watermarks, exactness }, clock.now())
    },
    async stop() {
      await Promise.all([dayBeat.stop(), listsBeat.stop()])
      first.resolve()
    },
  }
}

const heroOf = (day: Partial<DayTiles> | undefined) => (day?.hero === undefined ? {} : { hero: day.hero })

function deferred() {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

async function isDoneWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const done = await Promise.race([work.then(() => true as const), late])
  clearTimeout(timer)
  return done
}
