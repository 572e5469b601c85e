/**
 * What the shop of a seed sells and tells, with the oracle's own books of it: those of test/oracle's seeded source. Beside
 * them stand orders that no table takes, which are in no book.
 */
import type { RereadOrder } from '../../../core/contracts/commands.ts'
import { type NewRecord, partitionOf } from '../../../core/log/event-log.ts'
import type { BadRecord } from '../../oracle/bad-records.ts'
import type { Delivery } from '../../oracle/deliver.ts'
import type { Ledger } from '../../oracle/ledger.ts'
import { Random } from '../../oracle/random.ts'
import { inEitherForm, SeededSource } from '../../oracle/seeded-source.ts'
import { NORTH_SHOP } from '../../oracle/shops.ts'
import type { Plan } from './plan.ts'
import { REFUSED_PREFIX } from './simulated-warehouse.ts'

export interface Sales {
  readonly left: number
  /** The next few records, and now and then each source's progress behind them in every partition. */
  next(records: number, now: number): NewRecord[]
  /** What the source answers to a question; undefined where there was nothing to ask. */
  answer(command: RereadOrder, now: number): NewRecord[] | undefined
  books(): Ledger
  deadLetters(): BadRecord[]
  /** Orders of which two contents were told at one version, so that somebody must ask. */
  conflicts(): string[]
}

/** Shops are many enough, and made once for each seed of their own: what happens to them differs with every seed. */
const SHOPS = 64
/** Of appends. */
const PROGRESS_EVERY = 3

export function openSales(plan: Plan): Sales {
  const source = new SeededSource({
    seed: plan.seed % SHOPS,
    shop: NORTH_SHOP,
    orders: plan.orders,
    shuffleWindow: plan.shuffleWindow,
    duplicates: plan.duplicates,
    bad: plan.badRecords,
  })
  const refused = refusedOrders(plan)
  const waiting = mixed(new Random(plan.seed), source.nextEvents(source.left), refused)
  const inPartitions = (deliveries: readonly Delivery[], now: number) => [
    ...deliveries.map(({ key, value }) => recordOf(partitionOf(key, plan.partitions), key, value)),
    ...(now % PROGRESS_EVERY === 0 ? progressOf(plan, now) : []),
  ]
  return {
    get left() {
      return waiting.length
    },
    next: (records, now) => inPartitions(waiting.splice(0, records), now),
    answer: (command, now) => {
      const answer = source.answer(command)
      return answer && inPartitions(answer, now)
    },
    books: () => source.books().ledger(),
    deadLetters: () => [
      ...source.expectedDeadLetters,
      ...refused.map(({ value }) => ({ value, reason: 'refused' as const })),
    ],
    conflicts: () =>
      [...source.lives.values()].filter(({ conflict }) => conflict).map(({ orderId }) => orderId),
  }
}

function recordOf(partition: number, key: string, value: Uint8Array): NewRecord {
  if (key.includes(REFUSED_PREFIX)) return { partition, key, value, contentType: 'application/json' }
  return { partition, key, ...inEitherForm(key, value) }
}

function mixed(random: Random, deliveries: Delivery[], more: readonly Delivery[]): Delivery[] {
  const all = [...deliveries]
  for (const one of more) all.splice(random.int(0, all.length), 0, one)
  return all
}

function progressOf({ partitions }: Plan, now: number): NewRecord[] {
  const at = new Date(now).toISOString()
  return NORTH_SHOP.sources.flatMap((source) => {
    const { tenant } = NORTH_SHOP
    const told = {
      type: 'source.progress',
      schemaVersion: 1,
      tenant,
      source,
      upTo: at,
      polledAt: at,
      mode: 'live',
    }
    const value = Buffer.from(JSON.stringify(told))
    return Array.from({ length: partitions }, (_, partition) =>
      recordOf(partition, `${tenant}/${source}`, value),
    )
  })
}

function refusedOrders({ refusedOrders: count, seed }: Plan): Delivery[] {
  return Array.from({ length: count }, (_, n) => {
    const [orderId, source] = [`${REFUSED_PREFIX}${n}`, NORTH_SHOP.sources[0]!]
    const at = new Date(NORTH_SHOP.anchors[0]! + seed).toISOString()
    const value = Buffer.from(
      JSON.stringify({
        type: 'order',
        schemaVersion: 1,
        tenant: NORTH_SHOP.tenant,
        source,
        orderId,
        version: 1,
        changedAt: at,
        placedAt: at,
        status: 'completed',
        currency: NORTH_SHOP.currencies[0],
        lines: [{ sku: 'SKU-1', name: 'Article 1', quantity: '1', unitPrice: '10', amount: null }],
      }),
    )
    return { key: `${NORTH_SHOP.tenant}/${source}/${orderId}`, value, due: 0 }
  })
}
