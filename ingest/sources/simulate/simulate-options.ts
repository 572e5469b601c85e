/** What the driver of a simulation is told, with its defaults, and what it tells in the end. */
import type { EventLog } from '../../../core/log/event-log.ts'
import type { Clock } from '../../../core/runtime/clock.ts'
import { RevwallError } from '../../../core/runtime/errors.ts'
import type { Logger } from '../../../core/runtime/logger.ts'
import type { SimulationLedger } from './ledger.ts'
import { DEFAULTS, ORDERS_PER_CUSTOMER, type SimulationOptions, settle } from './simulation-options.ts'

export interface SimulateOptions extends ShopOptions {
  /** Its topics `orders`, `customers`, `products` and `source-health` must be there. */
  log: EventLog
  clock: Clock
  logger: Logger
  /** Told after each append of the history: how many orders the log has, and how many it will be, about. */
  onLoaded?: (loaded: number, total: number) => void
}

export interface ShopOptions extends Omit<SimulationOptions, 'source' | 'beginMs' | 'maxOrders'> {
  /** Default: simulate. */
  source?: string
  /** How long ago the shop opened, when it is simulated for the first time; default 2. */
  years?: number
  /** Orders a second once it is live; default: what its customers buy. */
  rate?: number
  /** Without seasons and market events once it is live. */
  steady?: boolean
  /** The history as fast as it goes, then `run` resolves; a full log is an error then. Default: false. */
  all?: boolean
  /** The history has so many orders and no more; the shop is made as large as that takes. */
  orders?: number
}

export interface SimulateSummary {
  source: string
  /** `loaded`: the history is in the log (`all`); `stopped`: the signal aborted. */
  state: 'loaded' | 'stopped'
  /** Orders that the log has, each counted once, and records that this run appended. */
  orders: number
  sent: number
  ledger: SimulationLedger
  beginMs: number
  lastMs: number
  elapsedMs: number
}

export interface ShopSettings {
  years: number
  rate: number | undefined
  steady: boolean
  all: boolean
  simulation: Omit<SimulationOptions, 'beginMs'>
}

const DEFAULT_YEARS = 2
const MAX_YEARS = 20
const MAX_RATE = 20_000
const MAX_ORDERS = 1_000_000_000
/** More than enough by so much: the history ends with its last order, and not with too few. */
const SURPLUS = 1.03
/** Within less than a year the seasons do not level out. */
const SHORT_SURPLUS = 1.35

/** Errors: `SIMULATE_BAD_OPTION`, naming the option. */
export function settleShop(options: ShopOptions): ShopSettings {
  const { years = DEFAULT_YEARS, rate, steady = false, all = false, orders, ...rest } = options
  checkWithin('years', years, MAX_YEARS)
  if (rate !== undefined) checkWithin('rate', rate, MAX_RATE)
  if (orders !== undefined) checkOrders(orders)
  const shop = { ...rest, source: rest.source ?? 'simulate' }
  const simulation = orders === undefined ? shop : { ...shop, ...sizeFor(orders, years, options) }
  settle({ ...simulation, beginMs: 0 })
  return { years, rate, steady, all, simulation }
}

/** A pure function of what was asked, not of the day on which it was: the same shop must come out after a restart. */
function sizeFor(orders: number, years: number, { growth = DEFAULTS.growth, customersPerYear }: ShopOptions) {
  const grown = growth === 0 ? years : ((1 + growth) ** years - 1) / Math.log(1 + growth)
  const surplus = (years < 1 ? SHORT_SURPLUS : SURPLUS) + 3 / Math.sqrt(orders)
  const ordersPerYear = (orders * surplus) / grown
  const usual = Math.max(1, Math.round(ordersPerYear / ORDERS_PER_CUSTOMER))
  return { maxOrders: orders, ordersPerYear, customersPerYear: customersPerYear ?? usual }
}

function checkOrders(orders: number): void {
  if (Number.isInteger(orders) && orders >= 1 && orders <= MAX_ORDERS) return
  const wanted = `a whole number from 1 to ${MAX_ORDERS}`
  throw new RevwallError('SIMULATE_BAD_OPTION', `orders must be ${wanted}, not ${orders}`)
}

function checkWithin(name: string, value: number, max: number): void {
  if (value > 0 && value <= max) return
  throw new RevwallError('SIMULATE_BAD_OPTION', `${name} must be above 0 and at most ${max}, not ${value}`)
}
