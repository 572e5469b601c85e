/** What the way from source to log does to events: late ones, shuffled ones, doubled ones. None of it may matter. */
import type { DeadLetter } from '../../core/contracts/dead-letters.ts'
import type { OrderLife, ToldEvent } from './order-life.ts'
import type { Random } from './random.ts'

/** One record on its way to the log. */
export interface Delivery {
  key: string
  value: Uint8Array
  /** When the source told it, ms. */
  due: number
  /** The reason for which it must end as a dead letter. */
  dead?: DeadLetter['reason']
}

export type Duplicates = 'none' | 'every-fifth' | 'all'

/** Some old snapshots come late, and some refunds before the order that they belong to. */
export function displace(random: Random, life: OrderLife): ToldEvent[] {
  const told = [...life.told]
  const first = told[0]!.due
  const last = told.at(-1)!.due
  if (told.length > 1 && random.chance(0.15)) {
    const late = random.int(0, told.length - 1)
    told[late] = { ...told[late]!, due: last + 86_400_000 }
  }
  if (!random.chance(0.3)) return told
  return told.map((item) =>
    isLone(item.event) ? { ...item, due: Math.min(item.due, first - random.int(1, 60_000)) } : item,
  )
}

/** Moves each record by less than `window` places. */
export function shuffle<T>(random: Random, items: readonly T[], window: number): T[] {
  const places = items.map((item, index) => ({ item, place: index + random.next() * window }))
  return places.sort((a, b) => a.place - b.place).map(({ item }) => item)
}

/** The same facts again, a few records later, written another way: field order, offset, and fields that nobody knows. */
export function duplicate(deliveries: readonly Delivery[], duplicates: Duplicates): Delivery[] {
  if (duplicates === 'none') return [...deliveries]
  const each = duplicates === 'all' ? 1 : 5
  const doubled: Delivery[] = []
  const waiting: Delivery[] = []
  deliveries.forEach((delivery, index) => {
    doubled.push(delivery)
    if (index % each === 0) waiting.push(again(delivery))
    if (waiting.length > 3) doubled.push(waiting.shift()!)
  })
  return [...doubled, ...waiting]
}

function again(delivery: Delivery): Delivery {
  if (delivery.dead !== undefined) return delivery
  const event = JSON.parse(Buffer.from(delivery.value).toString('utf8')) as Record<string, unknown>
  const rewritten = Object.fromEntries(Object.entries({ ...event, fetchedAt: 'now' }).reverse())
  const value = Buffer.from(JSON.stringify(rewritten).replaceAll(/(\d\d:\d\d\.\d\d\d)Z"/g, '$1+00:00"'))
  return { ...delivery, value }
}

function isLone(event: object): boolean {
  return 'refund' in event || 'payment' in event || 'cancellation' in event
}
