/**
 * The customers who buy: won one by one, some buying much more than others, lost one by one. Who a customer is follows
 * from the seed and a number, so that only numbers are kept, and only of those who are active.
 */
import type { CustomerEvent } from '../../../core/contracts/facts.ts'
import { instantText } from './event-text.ts'
import { nameOf } from './person.ts'
import type { Place } from './places.ts'
import { fraction, mix, Random } from './random.ts'
import type { SimulationSettings } from './simulation-options.ts'

const STREAM = 0x63757374
const MEAN_LIFE_DAYS = 540
/** Of those who leave: they ask to be forgotten. */
const ERASED_SHARE = 0.02
/** When so many are active, a new one takes the place of another. */
const MAX_ACTIVE = 5_000_000
const FIRST_CAPACITY = 4_096

export interface CustomerPool {
  /** A new customer: the number, and what is to be told of the person. */
  acquire(atMs: number): { customer: number; event: CustomerEvent }
  /** One of the active; undefined while there are none. */
  draw(random: Random): number | undefined
  /** Some leave; returns what is to be told of them. */
  beginDay(atMs: number): CustomerEvent[]
  placeOf(customer: number): Place
  readonly size: number
}

export function createCustomerPool(
  settings: SimulationSettings,
  placeAt: (fraction: number) => Place,
): CustomerPool {
  const { seed } = settings
  const random = new Random(seed, STREAM)
  let active = new Uint32Array(FIRST_CAPACITY)
  let size = 0
  let number = 0
  let leaving = 0

  function remove(index: number): number {
    const customer = active[index]!
    size -= 1
    active[index] = active[size]!
    return customer
  }
  const placeOf = (customer: number) => placeAt(fraction(mix(seed, customer), 1))

  return {
    acquire(atMs) {
      number += 1
      if (size >= MAX_ACTIVE) remove(random.below(size))
      if (size === active.length) active = grow(active)
      active[size] = number
      size += 1
      return { customer: number, event: customerEvent(settings, number, atMs, placeOf(number)) }
    },
    /** Of two the one who likes to buy more: so a few buy often and many seldom. */
    draw(from) {
      if (size === 0) return undefined
      const one = active[from.below(size)]!
      const other = active[from.below(size)]!
      return mix(seed ^ STREAM, one) > mix(seed ^ STREAM, other) ? one : other
    },
    beginDay(atMs) {
      leaving += size / MEAN_LIFE_DAYS
      const told: CustomerEvent[] = []
      for (; leaving >= 1 && size > 0; leaving -= 1) {
        const customer = remove(random.below(size))
        if (random.chance(ERASED_SHARE)) told.push(erasedEvent(settings, customer, atMs))
      }
      return told
    },
    placeOf,
    get size() {
      return size
    },
  }
}

export function customerId(customer: number): string {
  return `c-${customer}`
}

function customerEvent(
  { tenant, source, seed }: SimulationSettings,
  customer: number,
  atMs: number,
  { country, region }: Place,
): CustomerEvent {
  const name = nameOf(mix(seed, customer))
  const at = instantText(atMs)
  return {
    type: 'customer',
    schemaVersion: 1,
    tenant,
    source,
    version: atMs,
    changedAt: at,
    customerId: customerId(customer),
    externalCustomerId: `${100_000 + customer}`,
    name,
    email: `${name.toLowerCase().replace(' ', '.')}.${customer}@example.org`,
    // Numbers that Ofcom keeps for drama.
    phone: `+44 20 7946 0${100 + (mix(customer, seed) % 900)}`,
    country,
    region,
    createdAt: at,
    erasedAt: null,
  }
}

/** Nothing is left of the person but the pseudonym that orders carry. */
function erasedEvent(settings: SimulationSettings, customer: number, atMs: number): CustomerEvent {
  const told = customerEvent(settings, customer, atMs, NOWHERE)
  const nothing = { name: null, email: null, phone: null, country: null, region: null, createdAt: null }
  return { ...told, ...nothing, erasedAt: told.changedAt }
}

const NOWHERE: Place = { country: '', region: '', state: '', taxBp: 0, shippingCents: 0 }

function grow(full: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(full.length * 2)
  larger.set(full)
  return larger
}
