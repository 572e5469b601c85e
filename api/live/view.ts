/** One (tenant, axis): reads its tiles when they were touched, and sends its clients what differs. */
import type { Warehouse } from '../../clickhouse/warehouse.ts'
import type { TenantConfig } from '../../core/contracts/tenant.ts'
import type { Axis, Tiles } from '../../core/contracts/tiles.ts'
import type { Clock } from '../../core/runtime/clock.ts'
import { errorCode } from '../../core/runtime/errors.ts'
import type { Logger } from '../../core/runtime/logger.ts'
import { UNREACHABLE } from '../api-error.ts'
import type { ApiMetrics } from '../api-metrics.ts'
import { dayWindow } from './day-window.ts'
import { createFanOut, type FanOut } from './fan-out.ts'
import { createHoldOff } from './hold-off.ts'
import { readExactness } from './read-exactness.ts'
import { createNumbersReader } from './read-numbers.ts'
import type { TenantFacts } from './tenant-facts.ts'
import { mergeDays, type TouchedDays } from './touched.ts'
import { applyTiles, emptyViewState, type ViewState } from './view-state.ts'
import { HOLD_OFF_MS } from './watch-marks.ts'

/** How long the first frame waits for the numbers; a server that hangs is then told of without them. */
const FIRST_FRAME_WAIT_MS = 2_000
const EXACTNESS_INTERVAL_MS = 2_000

export interface View {
  readonly state: ViewState
  readonly fanOut: FanOut
  /** Resolves after the first attempt to read everything. */
  readonly firstRead: Promise<void>
  /** Looks again; `days` are those whose numbers may have changed. */
  touch(days: TouchedDays | undefined, committedAtMs?: number | null): void
  heartbeat(): void
  stop(): Promise<void>
}

export interface ViewOptions {
  tenant: TenantConfig
  axis: Axis
  database: string
  warehouse: Warehouse
  facts: TenantFacts
  /** Called when a query found no server. */
  onUnreachable: () => void
  clock: Clock
  logger: Logger
  metrics: ApiMetrics
}

export function createView(options: ViewOptions): View {
  const { tenant, axis, database, warehouse, facts, clock, metrics } = options
  const scope = { database, tenant: tenant.id, axis, currency: tenant.currency }
  const numbers = createNumbersReader(warehouse, scope)
  const state = emptyViewState(new Date(facts.time().nowMs).toISOString())
  const fanOut = createFanOut(state, metrics)
  const holdOff = createHoldOff({ run: refresh, holdOffMs: HOLD_OFF_MS, clock })
  const first = deferred()
  let watermarks: Record<string, string | null> = {}
  let touched: TouchedDays | undefined = 'all'
  let committedAtMs: number | null = null
  let shownMinute = ''
  let exactnessAtMs = Number.NEGATIVE_INFINITY
  let complaint: string | undefined

  async function refresh(): Promise<void> {
    const { nowMs } = facts.time()
    // Before the numbers are read: what is said of their completeness must not be newer than they are.
    const known = facts.tiles()
    const complete = facts.watermarks()
    const committed = committedAtMs
    committedAtMs = null
    const reading = Promise.all([readNumbers(nowMs), readProof()])
    if (state.seq === 0 && !(await isDoneWithin(reading, FIRST_FRAME_WAIT_MS))) publish(nowMs, known)
    const [orders, proof] = await reading
    publish(nowMs, { ...known, ...orders, ...proof })
    if (orders !== undefined) watermarks = complete
    if (committed !== null && orders?.hero !== undefined)
      metrics.commitToFrameSeconds.observe(Math.max(0, clock.now() - committed) / 1_000)
    first.resolve()
  }

  /** Nothing when it need not be read; undefined when it could not, and then it is still to be read. */
  async function readNumbers(nowMs: number): Promise<Partial<Tiles> | undefined> {
    const window = dayWindow(nowMs, tenant.timeZone)
    const minute = `${window.today.day}/${window.elapsedMinutes}`
    const days = touched
    if (days === undefined && minute === shownMinute) return {}
    touched = undefined
    const tiles = await attempt(() => numbers.read(window, days ?? new Set()))
    if (tiles === undefined) touched = mergeDays(touched, days ?? new Set())
    else shownMinute = minute
    return tiles
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

  function publish(nowMs: number, tiles: Partial<Tiles>): void {
    state.eventTime = new Date(nowMs).toISOString()
    // Health is what it is after the reading, which may have found no server.
    fanOut.markDirty(applyTiles(state, { ...tiles, health: facts.tiles().health }))
    fanOut.flush(clock.now())
  }

  return {
    state,
    fanOut,
    firstRead: first.promise,
    touch(days, committed = null) {
      touched = mergeDays(touched, days)
      committedAtMs ??= committed
      holdOff.touch()
    },
    heartbeat() {
      const exactness = state.tiles.exactness?.provedAt ?? null
      fanOut.heartbeat({ ...watermarks, exactness }, clock.now())
    },
    async stop() {
      await holdOff.stop()
      first.resolve()
    },
  }
}

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
