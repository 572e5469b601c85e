/** Everything that the sources have goes through a pipeline, and what they are asked to read again is answered. */
import type { RereadOrder } from '../../core/contracts/commands.ts'
import type { EventLog } from '../../core/log/event-log.ts'
import { Books } from './books.ts'
import { checkOracle } from './check-oracle.ts'
import type { Pipeline, PipelineOptions } from './pipeline.ts'
import { readPartition } from './read-log.ts'
import type { SeededSource } from './seeded-source.ts'

/** Records of one append: the next ones may meet orders of the former in another batch. */
const APPEND_RECORDS = 40
/** An answer may cause no further question, so that one more round than this is a bug. */
const MAX_ROUNDS = 5

export interface Told {
  /** What went wrong on the way. */
  faults: string[]
  records: number
  rereads: number
}

export async function runSources(
  pipeline: Pipeline,
  sources: readonly SeededSource[],
  settle: () => Promise<string[]> = pipeline.settle,
): Promise<Told> {
  let records = 0
  while (sources.some(({ left }) => left > 0)) {
    for (const source of sources) {
      const events = source.nextEvents(APPEND_RECORDS)
      records += events.length
      await source.appendTo(pipeline.log, events)
    }
  }
  const asked = new Map<string, RereadOrder>()
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const faults = await settle()
    if (faults.length > 0) return { faults, records, rereads: asked.size }
    const fresh = (await readRereads(pipeline.log)).filter(({ commandId }) => !asked.has(commandId))
    if (fresh.length === 0) return { faults: notAsked(sources, asked), records, rereads: asked.size }
    for (const command of fresh) {
      asked.set(command.commandId, command)
      const source = sources.find(({ shop }) => shop.tenant === command.tenant)
      const answer = source?.answer(command)
      if (answer === undefined)
        return {
          faults: [`re-reads: asked for ${command.orderId}, which has no conflict`],
          records,
          rereads: asked.size,
        }
      await source!.appendTo(pipeline.log, answer)
    }
  }
  return { faults: ['re-reads: an answer caused a question, again and again'], records, rereads: asked.size }
}

/** The oracle's word on a pipeline that has taken everything from its sources. */
export async function judge(
  pipeline: Pipeline,
  sources: readonly SeededSource[],
  { warehouse, database, tenants }: PipelineOptions,
): Promise<string[]> {
  const books = sources.reduce((all, source) => all.merge(source.books()), new Books())
  const openDeadLetters = sources.flatMap(({ expectedDeadLetters }) => expectedDeadLetters)
  return checkOracle({ books, log: pipeline.log, warehouse, database, tenants, openDeadLetters })
}

function notAsked(sources: readonly SeededSource[], asked: ReadonlyMap<string, RereadOrder>): string[] {
  const orders = new Set([...asked.values()].map(({ tenant, orderId }) => `${tenant} ${orderId}`))
  return sources.flatMap(({ lives }) =>
    [...lives.values()]
      .filter(({ conflict, shop, orderId }) => conflict && !orders.has(`${shop.tenant} ${orderId}`))
      .map(
        ({ orderId }) =>
          `re-reads: nobody asked for ${orderId}, of which two contents were told at one version`,
      ),
  )
}

async function readRereads(log: EventLog): Promise<RereadOrder[]> {
  const commands: RereadOrder[] = []
  for await (const { value } of readPartition(log, 'commands', 0)) {
    const command = JSON.parse(Buffer.from(value).toString('utf8')) as RereadOrder
    if (command.type === 'order.reread') commands.push(command)
  }
  return commands
}
