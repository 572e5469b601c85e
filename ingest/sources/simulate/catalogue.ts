/** The products that are on sale: introduced and ended day by day, drawn by how well they sell. */
import type { ProductEvent } from '../../../core/contracts/facts.ts'
import { type AliasTable, createAliasTable } from './alias-table.ts'
import { SECTIONS } from './assortment.ts'
import { instantText } from './event-text.ts'
import type { MarketEvent } from './market-events.ts'
import { demandAt, makeProduct, type Product, reprice } from './product.ts'
import { Random } from './random.ts'
import type { SimulationSettings } from './simulation-options.ts'

const STREAM = 0x63617461
const DAYS_PER_YEAR = 365.2425
/** While there are as many no more are introduced. */
const MAX_ON_SALE = 500_000

export interface Catalogue {
  /** A new local day; returns what is to be told of products. Every day must be begun, in order. */
  beginDay(day: CatalogueDay): ProductEvent[]
  draw(random: Random): Product
  readonly size: number
}

export interface CatalogueDay {
  localDay: number
  atMs: number
  /** Since the shop opened. */
  years: number
  market: readonly MarketEvent[]
}

export function createCatalogue(settings: SimulationSettings): Catalogue {
  const { seed, productsPerYear, growth } = settings
  const random = new Random(seed, STREAM)
  let onSale: Product[] = []
  let table: AliasTable | undefined
  let number = 0
  let due = 0

  function introduce(day: number): Product {
    number += 1
    const product = makeProduct(seed, number, day)
    onSale.push(product)
    return product
  }

  /** At the opening the shelves are full of products of every age. */
  function stock(day: number): Product[] {
    return Array.from({ length: Math.max(1, Math.round(productsPerYear)) }, () => {
      const product = introduce(day)
      product.introducedDay = day - random.below(Math.floor(product.lifeDays * 0.8))
      return product
    })
  }

  function arrivals({ localDay, years }: CatalogueDay): Product[] {
    due += (productsPerYear * (1 + growth) ** years) / DAYS_PER_YEAR
    const count = Math.min(Math.floor(due), MAX_ON_SALE - onSale.length)
    due -= Math.floor(due)
    return Array.from({ length: Math.max(0, count) }, () => introduce(localDay))
  }

  function departures(localDay: number): Product[] {
    const isOver = (product: Product) => localDay - product.introducedDay >= product.lifeDays
    const ended = onSale.filter(isOver)
    const left = onSale.filter((product) => !isOver(product))
    // An empty shop could sell nothing: the last one stays until another comes.
    if (left.length === 0) left.push(ended.pop()!)
    onSale = left
    return ended
  }

  function changePrices(market: readonly MarketEvent[]): Product[] {
    const changed = market
      .filter(({ kind }) => kind === 'price-change')
      .flatMap(({ priceBp, section }) => {
        const some = onSale.filter(({ sectionNumber }) => sectionNumber === section % SECTIONS.length)
        for (const product of some) reprice(product, priceBp)
        return some
      })
    return [...new Set(changed)]
  }

  return {
    beginDay(day) {
      const isFirst = table === undefined
      const fresh = isFirst ? stock(day.localDay) : arrivals(day)
      const ended = departures(day.localDay)
      const told = new Set(fresh)
      const repriced = changePrices(day.market).filter((product) => !told.has(product))
      // A tiny floor: of the last product that stays although its time is over, all weights would be nothing.
      table = createAliasTable(
        onSale.map((product) => demandAt(product, day.localDay - product.introducedDay) + 1e-9),
      )
      return [
        ...[...fresh, ...repriced].map((product) => productEvent(settings, product, day.atMs, null)),
        ...ended.map((product) => productEvent(settings, product, day.atMs, '0')),
      ]
    },
    draw: (from) => onSale[table!.draw(from)]!,
    get size() {
      return onSale.length
    },
  }
}

function productEvent(
  { tenant, source, currency }: SimulationSettings,
  product: Product,
  atMs: number,
  stock: string | null,
): ProductEvent {
  return {
    type: 'product',
    schemaVersion: 1,
    tenant,
    source,
    version: atMs,
    changedAt: instantText(atMs),
    sku: product.sku,
    name: product.name,
    categoryPath: [...product.section.path],
    currency,
    price: product.priceText,
    cost: product.costText,
    stock,
    reorderPoint: null,
  }
}
