/** A Kafka broker beside, as `npm run kafka` starts it; its CPU is part of the bill. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKafkaLog } from '../core/log/kafka/open-kafka-log.ts'
import { silentLogger } from '../core/runtime/logger.ts'
import { getJars } from '../deploy/kafka/get-jars.ts'
import { type Broker, startBroker } from '../deploy/kafka/start-broker.ts'
import { type Bed, withBed } from './pipeline-bed.ts'

export async function withBroker<T>(work: (broker: Broker) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'revwall-bench-kafka-'))
  const broker = await startBroker({ folder, port: 0, jars: getJars(console.log).folder })
  try {
    return await work(broker)
  } finally {
    await broker.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A new ClickHouse and a log of its own on the broker. */
export function withKafkaBed<T>(broker: Broker, prefix: string, work: (bed: Bed) => Promise<T>): Promise<T> {
  const login = { brokers: [broker.address], ssl: false, sasl: undefined }
  return withBed(
    (bed) => work({ ...bed, broker: broker.pid }),
    () => openKafkaLog({ ...login, prefix, logger: silentLogger }),
  )
}
