/** What a simulated shop is told, with defaults and bounds. */
import { RevwallError } from '../../../core/runtime/errors.ts'

export interface SimulationOptions {
  tenant: string
  source: string
  currency: string
  /** Cuts the shop's days and weeks. */
  timeZone: string
  seed: number
  /** When the shop opens. */
  beginMs: number
  /** New customers in the first year. */
  customersPerYear?: number
  /** New products in the first year; as many are there when the shop opens. */
  productsPerYear?: number
  /** Orders in the first year, promotions not counted; default: what that many customers buy. */
  ordersPerYear?: number
  /** Yearly growth of orders, customers and products (CAGR): 0.2 is 20 %. */
  growth?: number
  /** Mean number of lines of an order. */
  linesMean?: number
  /** Shares of all orders, 0 to 1. */
  updateShare?: number
  refundShare?: number
  cancelShare?: number
  guestShare?: number
  /** Of all orders: they are told only minutes or days after they were placed. */
  lateShare?: number
  /** Of all records: they come a second time. */
  duplicateShare?: number
  /** No order is placed after this many; what they still cause goes on. */
  maxOrders?: number
}

export type SimulationSettings = Required<SimulationOptions>

/** With guests, what customers buy per acquired customer. */
export const ORDERS_PER_CUSTOMER = 6

export const DEFAULTS = {
  customersPerYear: 30_000,
  productsPerYear: 1_000,
  growth: 0.2,
  linesMean: 3,
  updateShare: 0.1,
  refundShare: 0.04,
  cancelShare: 0.02,
  guestShare: 0.15,
  lateShare: 0.01,
  duplicateShare: 0.02,
  maxOrders: Number.MAX_SAFE_INTEGER,
} as const

/** Smallest and largest value of each number, both allowed. */
const BOUNDS = {
  seed: [0, 2 ** 32 - 1],
  customersPerYear: [1, 10_000_000],
  productsPerYear: [1, 100_000],
  ordersPerYear: [1, 1_000_000_000],
  growth: [-0.9, 10],
  linesMean: [1, 20],
  updateShare: [0, 0.5],
  refundShare: [0, 0.3],
  cancelShare: [0, 0.2],
  guestShare: [0, 0.95],
  lateShare: [0, 0.5],
  duplicateShare: [0, 0.5],
  maxOrders: [1, Number.MAX_SAFE_INTEGER],
} as const satisfies Partial<Record<keyof SimulationOptions, readonly [number, number]>>

const WHOLE = new Set<string>(['seed', 'maxOrders'])

/** Errors: `SIMULATE_BAD_OPTION`, naming the option and its bounds. */
export function settle(options: SimulationOptions): SimulationSettings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const customersPerYear = options.customersPerYear ?? DEFAULTS.customersPerYear
  const ordersPerYear = customersPerYear * ORDERS_PER_CUSTOMER
  const settings = { ...DEFAULTS, ordersPerYear, ...given } as SimulationSettings
  for (const [name, [min, max]] of Object.entries(BOUNDS))
    checkNumber(name, settings[name as keyof typeof BOUNDS], min, max)
  return settings
}

function checkNumber(name: string, value: number, min: number, max: number): void {
  const isWhole = !WHOLE.has(name) || Number.isInteger(value)
  if (isWhole && value >= min && value <= max) return
  const kind = WHOLE.has(name) ? 'a whole number' : 'a number'
  throw new RevwallError('SIMULATE_BAD_OPTION', `${name} must be ${kind} from ${min} to ${max}, not ${value}`)
}
