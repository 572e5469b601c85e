/** The log on a real broker: what every log must do, and what only this one can meet. */
import { randomUUID } from 'node:crypto'
import { afterAll, describe, it } from 'vitest'
import { logConformance } from '../conformance.ts'
import { openKafkaLog } from './open-kafka-log.ts'
import { startTestBroker, whyNoKafka } from './testing/test-broker.ts'

const missing = whyNoKafka()
if (missing) describe.skip(`Kafka (${missing})`, () => it('conforms', () => {}))
else {
  // Retention is tried by hand: the broker's own look at it would come in between.
  const broker = await startTestBroker({ 'log.retention.check.interval.ms': '3600000' })
  afterAll(() => broker.stop())

  logConformance('Kafka', async () => {
    const prefix = `${randomUUID()}.`
    const options = { brokers: [broker.address], ssl: false, sasl: undefined, prefix, heartbeatMs: 50 }
    return {
      openHandle: () => openKafkaLog(options),
      // The broker goes with all its topics.
      dispose: async () => {},
    }
  })
}
