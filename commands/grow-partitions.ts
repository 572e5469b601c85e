/**
 * Grows the orders topic while everything runs. What it does may end after any step: run again, it goes on from there.
 *
 * 1. The log gets the partitions. Whoever hears of them sends new records there at once; they wait. 2. The new ones are told
 * what sources had told in the old ones, so that a source that starts again finds its position in all of them. 3. Each old
 * one gets `partitions.grown`: the barrier. 4. The processors do the rest (processors/orders/pass-growth.ts).
 */
import type { Warehouse } from '../clickhouse/warehouse.ts'
import { GROWTH_KEY, type PartitionsGrown } from '../core/contracts/partition-growth.ts'
import type { EventLog, NewRecord } from '../core/log/event-log.ts'
import type { Clock } from '../core/runtime/clock.ts'
import { RevwallError } from '../core/runtime/errors.ts'
import { readLastMark, readLastPartition } from '../processors/orders/read-position.ts'

/** `barrier` comes once for each old partition. */
export type GrowStep = 'made' | 'told' | 'barrier'

export interface GrowOptions {
  log: EventLog
  warehouse: Warehouse
  /** Of the run that is shown. */
  database: string
  clock: Clock
  /** For tests that end behind a step. */
  onStep?: (step: GrowStep) => void
}

const TOPIC = 'orders'

/** Resolves when the barrier is in the log; false when the table has so many partitions already. Throws `GROWTH_…`. */
export async function growPartitions(to: number, options: GrowOptions): Promise<boolean> {
  const { log, clock, onStep } = options
  const from = await openPartitions(options)
  checkNumber({ from, to, inLog: log.partitions(TOPIC) })
  if (to === from && log.partitions(TOPIC) === to) return false
  await log.growTopic(TOPIC, to)
  onStep?.('made')
  for (let partition = from; partition < to; partition++) await tellProgress(partition, from, options)
  onStep?.('told')
  const at = new Date(clock.now()).toISOString()
  const growth: PartitionsGrown = { type: 'partitions.grown', schemaVersion: 1, from, to, at }
  for (let partition = 0; partition < from; partition++) {
    await log.append(TOPIC, [recordOf(partition, GROWTH_KEY, growth)])
    onStep?.('barrier')
  }
  return true
}

/** How many the table has. Throws `GROWTH_NOT_BEGUN`. */
export async function openPartitions({ warehouse, database }: GrowOptions): Promise<number> {
  const last = await readLastPartition({ warehouse, database, topic: TOPIC })
  if (last !== undefined) return last + 1
  throw new RevwallError(
    'GROWTH_NOT_BEGUN',
    'The orders topic has no opening marks yet: start revwall once, or set REVWALL_PARTITIONS before its first start.',
  )
}

function checkNumber({ from, to, inLog }: { from: number; to: number; inLog: number }): void {
  if (inLog !== from && inLog !== to)
    throw new RevwallError(
      'GROWTH_UNFINISHED',
      `The log has ${inLog} partitions of orders, the table ${from}: finish that first with: revwall partitions grow ${inLog}`,
    )
  if (to >= from && to % from === 0) return
  throw new RevwallError(
    'GROWTH_IMPOSSIBLE',
    `From ${from} partitions it can grow to a multiple: ${2 * from}, ${3 * from}, … An order then stays or moves to a new one.`,
  )
}

/** Only where nothing stands yet: a word that came since is a newer one. */
async function tellProgress(partition: number, from: number, options: GrowOptions): Promise<void> {
  const { log, warehouse, database } = options
  if ((await log.bounds(TOPIC, partition)).next > 0) return
  const mark = await readLastMark({ warehouse, database, topic: TOPIC, partition: partition % from })
  const told = [...(mark?.progress.values() ?? [])].filter(({ tenant, json }) => tenant !== '' && json !== '')
  const records = told.map(({ tenant, source, json }) =>
    recordOf(partition, `${tenant}/${source}`, JSON.parse(json)),
  )
  if (records.length > 0) await log.append(TOPIC, records)
}

function recordOf(partition: number, key: string, event: unknown): NewRecord {
  return { partition, key, value: Buffer.from(JSON.stringify(event)), contentType: 'application/json' }
}
