/**
 * The driver of a simulated shop: its history as fast as it goes, then real time. Everything that is decided is decided
 * by the simulation; here it meets clock and log. The log is the position store: after a restart the shop is simulated
 * again from its opening, and what the log has already is not sent again.
 */
import { say } from '../../../core/contracts/sayings.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import { createHealthReporter } from '../replay/report-health.ts'
import { createFeed, progressKey } from './feed.ts'
import { goLive } from './go-live.ts'
import { YEAR_MS } from './intensity.ts'
import { loadHistory } from './load-history.ts'
import { hashOptions, type Position } from './position.ts'
import { type FoundPosition, readPosition } from './read-position.ts'
import { createRunning, isPace, type Running, USUAL_PACE } from './running.ts'
import {
  type ShopSettings,
  type SimulateOptions,
  type SimulateSummary,
  settleShop,
} from './simulate-options.ts'
import { createSimulation, type Simulation } from './simulation.ts'
import { type SimulationSettings, settle } from './simulation-options.ts'

export interface SimulateSource {
  /** Its name in every event. */
  readonly source: string
  /**
   * Runs until the signal aborts (or, with `all`, until the history is in the log). Errors: `SIMULATE_CHANGED`,
   * `SIMULATE_BAD_POSITION`, and the log's own.
   */
  run(signal: AbortSignal): Promise<SimulateSummary>
}

/** Errors: `SIMULATE_BAD_OPTION`. */
export function createSimulateSource(options: SimulateOptions): SimulateSource {
  const { log, clock, logger, onLoaded, ...shop } = options
  const settings = { ...settleShop(shop), log, clock, logger, onLoaded }
  return { source: settings.simulation.source, run: (signal) => run(settings, signal) }
}

type Settings = ShopSettings & Pick<SimulateOptions, 'log' | 'clock' | 'logger' | 'onLoaded'>

async function run(settings: Settings, signal: AbortSignal): Promise<SimulateSummary> {
  const { log, clock, logger, all, years } = settings
  const startedMs = clock.now()
  const { tenant, source } = settings.simulation
  const health = createHealthReporter({ log, clock, tenant, source })
  await health.report({ state: 'starting' })
  // 1. The same shop as before, if there was one.
  const found = await readPosition(log, progressKey(tenant, source))
  const beginMs = found?.position.beginMs ?? Math.floor(startedMs - years * YEAR_MS)
  const shop = settle({ ...settings.simulation, beginMs })
  const position = found?.position ?? freshPosition(shop)
  if (found !== undefined) refuseOtherShop(shop, found.position)
  const simulation = createSimulation(shop)
  for (const pace of position.paces) simulation.changePace(pace)
  // 2. What the log has is simulated again, because everything later follows from it, but not sent again.
  await skip(simulation, position.told, { health, signal })
  const feed = createFeed({ log, clock, logger, tenant, source, upToMs: found?.upToMs, patient: !all })
  const running = createRunning(position, { simulation, feed, health, clock, signal })
  // 3. History, then real time.
  const isLive = found !== undefined && goesOn(settings, found, startedMs)
  if (!isLive) {
    if (found !== undefined) running.changePace({ ...USUAL_PACE, atMs: found.upToMs + 1 })
    const { onLoaded } = settings
    await loadHistory(running, { beginMs, maxOrders: shop.maxOrders, rests: !all, onLoaded })
    logger.info('simulate: the history is loaded', {
      source,
      orders: simulation.orders,
      sent: feed.sent,
      ms: clock.now() - startedMs,
    })
  }
  if (!all && !signal.aborted) await live(settings, running)
  const state = all && !signal.aborted ? 'loaded' : 'stopped'
  await health.report({ state: state === 'loaded' ? 'ended' : 'stopped', said: say(`source.${state}`) })
  return {
    source,
    state,
    orders: simulation.orders,
    sent: feed.sent,
    ledger: simulation.ledger,
    beginMs,
    lastMs: simulation.lastMs,
    elapsedMs: clock.now() - startedMs,
  }
}

/** A gap up to this is caught up at the pace of real time; in a longer one the shop sold what its customers buy. */
const CATCH_UP_MS = 60_000

function livePace({ rate, steady }: Settings) {
  return { perSecond: rate ?? null, steady }
}

/** Stopped a moment ago while it was live, and is to go on the same way. */
function goesOn(settings: Settings, { position, upToMs }: FoundPosition, nowMs: number): boolean {
  if (settings.all) return false
  return isPace(position.paces.at(-1), livePace(settings)) && nowMs - upToMs <= CATCH_UP_MS
}

async function live(settings: Settings, running: Running): Promise<void> {
  const { clock } = running
  const pace = livePace(settings)
  running.changePace({ ...pace, atMs: clock.now() })
  const steady = pace.steady ? '-steady' : ''
  const { perSecond: rate } = pace
  await goLive(running, rate === null ? say(`shop.usual${steady}`) : say(`shop.rate${steady}`, { rate }))
}

const SKIPPED_AT_ONCE = 20_000

async function skip(
  simulation: Simulation,
  told: number,
  { health, signal }: Pick<Running, 'health' | 'signal'>,
): Promise<void> {
  const said = say('shop.rereading')
  while (simulation.told < told && !signal.aborted) {
    const until = Math.min(told, simulation.told + SKIPPED_AT_ONCE)
    while (simulation.told < until) simulation.next(Number.POSITIVE_INFINITY)
    await health.report({ state: 'starting', loaded: simulation.told, total: told, said }, 1_000)
    await new Promise(setImmediate)
  }
}

function freshPosition(shop: SimulationSettings): Position {
  return { seed: shop.seed, optionsHash: hashOptions(shop), beginMs: shop.beginMs, told: 0, paces: [] }
}

/** A position in one shop means nothing in another, and orders of both under one source would replace each other. */
function refuseOtherShop(shop: SimulationSettings, position: Position): void {
  if (position.seed === shop.seed && position.optionsHash === hashOptions(shop)) return
  const was = position.seed === shop.seed ? 'other options' : `seed ${position.seed}, not ${shop.seed}`
  throw new RevwallError(
    'SIMULATE_CHANGED',
    `the source ${shop.source} cannot go on: it began with ${was}. Give the same seed, customers, products, growth and orders, or take another data folder`,
  )
}
