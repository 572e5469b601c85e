/** What comes later: orders that are told late, the next steps of those that are open, and records that come twice. */
import { createArrivals } from './arrivals.ts'
import type { SimulatedOrderEvent } from './order-events.ts'
import { liveOn, type OrderLife, type Shop, tell } from './order-life.ts'
import { delayMs, meanOpenDays, type Step } from './order-plan.ts'
import { Random } from './random.ts'

/** So many wait at the most, about a kilobyte each. While it is full, orders are done at once and nothing comes twice. */
export const MAX_WAITING = 100_000
/** Of the bound, what is planned for: waits are shortened when the shop is so busy that more would be open. */
const PLANNED_SHARE = 0.5

const DAY_MS = 86_400_000
const LATE_MS = [60_000, 2 * DAY_MS] as const
const AGAIN_MS = [1_000, DAY_MS] as const
const STREAM = 0x666f6c6c

export interface FollowUps {
  /** When the next is due; Infinity while nothing waits. */
  readonly nextMs: number
  readonly size: number
  /** How busy the shop is, orders per ms. */
  plan(perMs: number): void
  /** Whether an order may stay open. */
  hasRoom(): boolean
  /** Draws whether an order is told late. */
  drawLate(): boolean
  /** An order is told now, or late; its plan follows. Returns its event if that is now. */
  open(life: OrderLife, nowMs: number, isLate: boolean): SimulatedOrderEvent | undefined
  /** Draws whether a record that is told now comes again. */
  repeat(event: SimulatedOrderEvent, nowMs: number): void
  /** The next that is due; nothing to tell of it where its step had become pointless. */
  take(): { dueMs: number; event: SimulatedOrderEvent | undefined; isFirst: boolean } | undefined
}

type Waiting =
  | { type: 'first'; life: OrderLife }
  | { type: 'step'; life: OrderLife; step: Step; atMs: number }
  | { type: 'again'; event: SimulatedOrderEvent }

export function createFollowUps(shop: Shop): FollowUps {
  const { settings } = shop
  const arrivals = createArrivals<Waiting>()
  const random = new Random(settings.seed, STREAM)
  const openDays = meanOpenDays(settings)
  let scale = 1
  const hasRoom = () => arrivals.size < MAX_WAITING
  const isLate = () => random.chance(settings.lateShare)
  const soon = ([min, max]: readonly [number, number]) => whole(random.spread(min, max) * scale)

  /** A step happens some time after the one before was told, so that an order's facts never overtake each other. */
  function schedule(life: OrderLife, nowMs: number): void {
    const [step, ...rest] = life.plan
    if (step === undefined) return
    life.plan = rest
    const atMs = nowMs + whole(delayMs(life.random, step, scale))
    arrivals.add(isLate() ? atMs + soon(LATE_MS) : atMs, { type: 'step', life, step, atMs })
  }
  function repeat(event: SimulatedOrderEvent, nowMs: number): void {
    if (random.chance(settings.duplicateShare) && hasRoom())
      arrivals.add(nowMs + soon(AGAIN_MS), { type: 'again', event })
  }
  function eventOf(waiting: Waiting, dueMs: number): SimulatedOrderEvent | undefined {
    if (waiting.type === 'again') return waiting.event
    const { life } = waiting
    const event = waiting.type === 'first' ? tell(shop, life) : liveOn(shop, life, waiting.step, waiting.atMs)
    schedule(life, dueMs)
    if (event !== undefined) repeat(event, dueMs)
    return event
  }

  return {
    get nextMs() {
      return arrivals.nextMs
    },
    get size() {
      return arrivals.size
    },
    plan(perMs) {
      scale = Math.min(1, (MAX_WAITING * PLANNED_SHARE) / (perMs * DAY_MS * openDays + 1))
    },
    hasRoom,
    repeat,
    drawLate: () => isLate() && hasRoom(),
    open(life, nowMs, isToldLate) {
      if (isToldLate) {
        arrivals.add(nowMs + soon(LATE_MS), { type: 'first', life })
        return undefined
      }
      const event = tell(shop, life)
      schedule(life, nowMs)
      repeat(event, nowMs)
      return event
    },
    take() {
      const next = arrivals.take()
      if (next === undefined) return undefined
      const { dueMs, item } = next
      return { dueMs, event: eventOf(item, dueMs), isFirst: item.type === 'first' }
    },
  }
}

function whole(ms: number): number {
  return Math.max(1, Math.floor(ms))
}
