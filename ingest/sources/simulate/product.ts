/** One product: what it is follows from the seed and its number, how it sells from its age. */
import type { OrderEventInput } from '../../../core/contracts/order.ts'
import { ADJECTIVES, SECTIONS, type Section } from './assortment.ts'
import { moneyText } from './event-text.ts'
import { mix, Random } from './random.ts'

const STREAM = 0x70726f64
const MIN_LIFE_DAYS = 200
const MAX_LIFE_DAYS = 1_400
/** The cost of the others is not known: their margin cannot be told. */
const COST_KNOWN = 0.92

/** A line as events have it, never changed once it is made, and its numbers. */
export interface SoldLine {
  told: NonNullable<OrderEventInput['lines']>[number]
  /** Thousandths of a piece or a kilogram. */
  milli: number
  amountE4: number
}

export interface Product {
  sku: string
  name: string
  section: Section
  sectionNumber: number
  introducedDay: number
  lifeDays: number
  popularity: number
  /** Exact integers of 1/10,000 currency units. */
  priceE4: number
  costE4: number | null
  /** As events write them. */
  priceText: string
  costText: string | null
  /** A line of one piece at the present price, once there was one. */
  single: SoldLine | undefined
}

export function makeProduct(seed: number, number: number, introducedDay: number): Product {
  const random = new Random(mix(seed, number), STREAM)
  const sectionNumber = random.below(SECTIONS.length)
  const section = SECTIONS[sectionNumber]!
  const name = `${random.pick(ADJECTIVES)} ${random.pick(section.nouns)} No ${1 + (number % 97)}`
  const priceE4 = tidy(section.price * random.spread(0.4, 2.5) * 10_000)
  const isCostKnown = random.chance(COST_KNOWN)
  const costE4 = Math.floor((priceE4 * (35 + random.below(35))) / 10_000) * 100
  const product = {
    sku: `P-${String(number).padStart(6, '0')}`,
    name,
    section,
    sectionNumber,
    introducedDay,
    lifeDays: random.int(MIN_LIFE_DAYS, MAX_LIFE_DAYS),
    popularity: random.spread(0.02, 1),
    costE4: isCostKnown ? costE4 : null,
    costText: isCostKnown ? moneyText(costE4) : null,
  }
  return { ...product, priceE4, priceText: moneyText(priceE4), single: undefined }
}

/** A new price, in hundredths of a percent of the old one; the cost stays. */
export function reprice(product: Product, priceBp: number): void {
  product.priceE4 = tidy((product.priceE4 * priceBp) / 10_000)
  product.priceText = moneyText(product.priceE4)
  product.single = undefined
}

/** How well it sells at an age: it grows, stands, fades and ends; 0 from its end on. */
export function demandAt({ popularity, lifeDays }: Product, ageDays: number): number {
  const age = ageDays / lifeDays
  if (age >= 1) return 0
  if (age < 0.12) return popularity * (0.15 + (0.85 * age) / 0.12)
  return age < 0.6 ? popularity : (popularity * (1 - age)) / 0.4
}

/** Whole cents that end in 9 or 5, as prices do. */
function tidy(e4: number): number {
  const cents = Math.max(25, Math.round(e4 / 100))
  return (cents - (cents % 10) + (cents % 10 < 5 ? 5 : 9)) * 100
}
