/** The next order: who buys, what, and what will become of it. */
import type { CustomerEvent } from '../../../core/contracts/facts.ts'
import { type CustomerPool, customerId } from './customer-pool.ts'
import type { Slot } from './intensity.ts'
import { type Buyer, inventOrder, type OrderContent } from './invent-order.ts'
import type { Shop } from './order-life.ts'
import { beginsPending, drawPlan, type Step } from './order-plan.ts'
import { fraction, mix, Random } from './random.ts'

const STREAM = 0x6f726465

export interface PlacedOrder {
  number: number
  orderId: string
  atMs: number
  content: OrderContent
  /** What will happen to it; mostly nothing. */
  plan: readonly Step[]
  /** Told before the order: who it is that buys for the first time. */
  newCustomer: CustomerEvent | undefined
}

export interface OrderPlacer {
  readonly placed: number
  /** `canStayOpen`: there is room for an order that is not done at once. */
  place(atMs: number, slot: Slot, canStayOpen: boolean): PlacedOrder
}

export function createOrderPlacer(shop: Shop, pool: CustomerPool): OrderPlacer {
  const { settings, catalogue, placeAt } = shop
  const { seed, guestShare, linesMean } = settings
  const random = new Random(seed, STREAM)
  let placed = 0

  function guest(): Buyer {
    const hash = mix(seed ^ STREAM, placed)
    return { customer: null, hash, place: placeAt(fraction(hash, 1)) }
  }
  function known(customer: number): Buyer {
    return { customer: customerId(customer), hash: mix(seed, customer), place: pool.placeOf(customer) }
  }

  return {
    get placed() {
      return placed
    },
    place(atMs, slot, canStayOpen) {
      placed += 1
      let newCustomer: CustomerEvent | undefined
      let buyer: Buyer
      if (random.chance(guestShare)) buyer = guest()
      else {
        const customer = random.chance(slot.newShare) ? undefined : pool.draw(random)
        if (customer !== undefined) buyer = known(customer)
        else {
          const acquired = pool.acquire(atMs)
          newCustomer = acquired.event
          buyer = known(acquired.customer)
        }
      }
      const { discountBp } = slot
      const content = inventOrder(random, atMs, buyer, { catalogue, linesMean, discountBp })
      const drawn = drawPlan(random, settings)
      const plan = canStayOpen ? drawn : []
      if (beginsPending(plan)) {
        content.status = 'pending'
        content.paidMs = null
      }
      return { number: placed, orderId: `S${placed}`, atMs, content, plan, newCustomer }
    },
  }
}
