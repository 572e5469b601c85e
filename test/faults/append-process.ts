/**
 * A source that is a process of its own, to be killed while it appends. Its only argument is an AppendPlan as JSON; it
 * says how many records were acknowledged, and after the last one waits to be killed.
 */
import { writeSync } from 'node:fs'
import { SeededSource, type SeededSourceOptions } from '../oracle/seeded-source.ts'
import { type LogPlace, openLogAt } from './log-place.ts'

export interface AppendPlan {
  place: LogPlace
  source: SeededSourceOptions
  atOnce: number
}

const plan = JSON.parse(process.argv[2] ?? '') as AppendPlan
const source = new SeededSource(plan.source)
const log = await openLogAt(plan.place)
// On Kafka it must be known how many partitions there are.
await log.bounds('orders', 0)
let acknowledged = 0
while (source.left > 0) {
  const deliveries = source.nextEvents(plan.atOnce)
  await source.appendTo(log, deliveries)
  acknowledged += deliveries.length
  writeSync(1, `${acknowledged}\n`)
}
setInterval(() => {}, 1_000)
