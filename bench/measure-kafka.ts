/** The same load with the log on a Kafka broker beside: orders a second, and the CPU of each process. */
import { withBroker, withKafkaBed } from './kafka-bed.ts'
import { measureKafkaRivals } from './measure-kafka-rivals.ts'
import { cpuOf, drain, rate } from './measure-pipeline.ts'
import type { Measurement } from './measurement.ts'

const AIM = 60_000

export function measureKafka(): Promise<Measurement[]> {
  return withBroker(async (broker) => {
    const compact = await withKafkaBed(broker, 'compact.', (bed) => drain(bed, 'compact', 1_000_000))
    console.log(`${compact.perSecond.toFixed()} orders a second`)
    const json = await withKafkaBed(broker, 'json.', (bed) => drain(bed, 'json', 250_000))
    return [
      rate('kafka.orders_per_second', compact.perSecond, AIM),
      rate('kafka.orders_per_second_json', json.perSecond, null),
      ...compact.stages.map((stage) => cpuOf('kafka', stage)),
      rate('kafka.appends_per_second', compact.appendsPerSecond, null),
      ...(await measureKafkaRivals(broker)),
    ]
  })
}
