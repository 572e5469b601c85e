/** The shops that sell into a world: one seeded source for each fault, with books of its own, and an ear for questions. */
import type { RereadOrder } from '../../core/contracts/commands.ts'
import { type EventLog, partitionOf } from '../../core/log/event-log.ts'
import type { BadRecord } from '../oracle/bad-records.ts'
import { Books } from '../oracle/books.ts'
import type { Delivery } from '../oracle/deliver.ts'
import { readPartition } from '../oracle/read-log.ts'
import { inEitherForm, SeededSource, type SeededSourceOptions } from '../oracle/seeded-source.ts'
import { NORTH, NORTH_SHOP } from '../oracle/shops.ts'
import type { Random } from './random.ts'

export const TENANT = NORTH

export type SourcePlan = Partial<Omit<SeededSourceOptions, 'seed' | 'shop'>>

export interface Sales {
  /** The source of the fault under way. */
  source: SeededSource
  /** How it is made, for another process that is to be the same source. */
  plan: SeededSourceOptions
  /** The next source, with a key space of its own: what the ones before told stays in the books. */
  begin(random: Random, plan?: SourcePlan): SeededSource
  /** Appends the next records of the source; without a count all that is left. */
  play(count?: number): Promise<void>
  append(deliveries: readonly Delivery[]): Promise<void>
  /** Answers what the processors asked since the last time; resolves with how many questions there were. */
  answer(): Promise<number>
  /** Orders with two contents at one version of which nobody asked. */
  unasked(): string[]
  books(): Books
  expectedLetters(): BadRecord[]
}

const USUAL: Required<Omit<SourcePlan, 'orderIdOf'>> = {
  orders: 16,
  duplicates: 'every-fifth',
  shuffleWindow: 6,
  bad: true,
}
const APPENDED_AT_ONCE = 20

export function openSales(log: () => EventLog): Sales {
  const sources: SeededSource[] = []
  const asked = new Map<string, RereadOrder>()
  const current = () => sources.at(-1)!
  let last: SeededSourceOptions | undefined
  const begin = (random: Random, plan: SourcePlan = {}) => {
    const shop = { ...NORTH_SHOP, sources: [`shop-${sources.length + 1}`] }
    last = { ...USUAL, ...plan, seed: random.integer(0, 2 ** 31), shop }
    const source = new SeededSource(last)
    sources.push(source)
    return source
  }
  const ownerOf = ({ source }: RereadOrder) => sources.find(({ shop }) => shop.sources.includes(source))
  return {
    get source() {
      return current()
    },
    get plan() {
      return last!
    },
    begin,
    play: async (count = Number.POSITIVE_INFINITY) => {
      for (let left = Math.min(count, current().left); left > 0; left -= APPENDED_AT_ONCE)
        await current().appendTo(log(), current().nextEvents(Math.min(left, APPENDED_AT_ONCE)))
    },
    append: (deliveries) => append(log(), deliveries),
    answer: async () => {
      const fresh = (await readQuestions(log())).filter(({ commandId }) => !asked.has(commandId))
      for (const command of fresh) {
        asked.set(command.commandId, command)
        const answer = ownerOf(command)?.answer(command)
        if (answer === undefined) throw new Error(`asked for ${command.orderId}, which has no conflict`)
        await append(log(), answer)
      }
      return fresh.length
    },
    unasked: () => sources.flatMap((source) => unaskedOf(source, [...asked.values()])),
    books: () => sources.reduce((all, source) => all.merge(source.books()), new Books()),
    expectedLetters: () => sources.flatMap(({ expectedDeadLetters }) => expectedDeadLetters),
  }
}

/** Without the progress that a source adds to what it tells. */
async function append(log: EventLog, deliveries: readonly Delivery[]): Promise<void> {
  const partitions = log.partitions('orders')
  const records = deliveries.map(({ key, value }) => {
    return { partition: partitionOf(key, partitions), key, ...inEitherForm(key, value) }
  })
  await log.append('orders', records)
}

async function readQuestions(log: EventLog): Promise<RereadOrder[]> {
  const commands: RereadOrder[] = []
  for await (const { value } of readPartition(log, 'commands', 0))
    commands.push(JSON.parse(Buffer.from(value).toString('utf8')) as RereadOrder)
  return commands
}

function unaskedOf({ lives, shop }: SeededSource, asked: readonly RereadOrder[]): string[] {
  const orders = new Set(
    asked.filter(({ source }) => shop.sources.includes(source)).map(({ orderId }) => orderId),
  )
  return [...lives.values()]
    .filter(({ conflict, orderId }) => conflict && !orders.has(orderId))
    .map(({ orderId }) => `nobody asked for ${orderId}, of which two contents were told at one version`)
}
