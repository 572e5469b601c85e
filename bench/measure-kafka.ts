/** The same load with the log on a Kafka broker beside: orders a second, and the CPU of each process beside the embedded log's. */
import { withBroker, withKafkaBed } from './kafka-bed.ts'
import { measureKafkaRivals } from './measure-kafka-rivals.ts'
import { cpuOf, drain, rate, type Stage } from './measure-pipeline.ts'
import type { Measurement } from './measurement.ts'
import { withBed } from './pipeline-bed.ts'

const AIM = 60_000
const ORDERS = 1_000_000
const JSON_ORDERS = 250_000

export function measureKafka(): Promise<Measurement[]> {
  return withBroker(async (broker) => {
    const embedded = () => withBed((bed) => drain(bed, 'compact', ORDERS))
    const kafka = (turn: number) =>
      withKafkaBed(broker, `compact${turn}.`, (bed) => drain(bed, 'compact', ORDERS))
    // In turns, since a rented machine is not the same from one minute to the next.
    const turns = [await embedded(), await kafka(1), await kafka(2), await embedded()] as const
    const [before, compact, again, behind] = turns
    const perSecond = (compact.perSecond + again.perSecond) / 2
    console.log(
      `embedded, Kafka, Kafka, embedded: ${turns.map((turn) => turn.perSecond.toFixed()).join(', ')} orders a second`,
    )
    const json = await withKafkaBed(broker, 'json.', (bed) => drain(bed, 'json', JSON_ORDERS))
    const stages = meanOf(compact.stages, again.stages)
    const [ours, theirs] = [stages, meanOf(before.stages, behind.stages)].map(cpuWithoutBroker) as [
      number,
      number,
    ]
    return [
      rate('kafka.orders_per_second', perSecond, AIM),
      rate('kafka.orders_per_second_json', json.perSecond, null),
      ...stages.map((stage) => cpuOf('kafka', stage)),
      cpuOf('kafka', { name: 'without_broker', us: ours }),
      cpuOf('kafka', { name: 'of_embedded', us: theirs }),
      { name: 'kafka.per_cpu_ratio', value: theirs / ours, unit: 'ratio', aim: 1, lowerIsBetter: false },
      rate('kafka.appends_per_second', compact.appendsPerSecond, null),
      ...(await measureKafkaRivals(broker)),
    ]
  })
}

/** Both have the same stages, in the same order. */
function meanOf(one: readonly Stage[], other: readonly Stage[]): Stage[] {
  return one.map(({ name, us }, at) => ({ name, us: (us + other[at]!.us) / 2 }))
}

function cpuWithoutBroker(stages: readonly Stage[]): number {
  return stages.filter(({ name }) => name !== 'broker').reduce((sum, { us }) => sum + us, 0)
}
