/**
 * How fast the log on Kafka is: `node --import tsx core/log/kafka/measure.ts HOST:PORT`. Makes topics of its own, which it
 * leaves. Prints the hardware; the broker takes its share of it where it runs on the same machine.
 */
import { randomUUID } from 'node:crypto'
import { cpus } from 'node:os'
import type { EventLog, NewRecord } from '../event-log.ts'
import { openKafkaLog } from './open-kafka-log.ts'

const RECORD_BYTES = 300
const BATCH = 10_000
const BATCHES = 30
const SINGLE_APPENDS = 300
const PARTITIONS = 4

const address = process.argv[2] ?? '127.0.0.1:9092'
const prefix = `measure-${randomUUID()}.`
const log = await openKafkaLog({ brokers: [address], ssl: false, sasl: undefined, prefix })
await log.ensureTopic('orders', { partitions: PARTITIONS, retentionMs: 3_600_000 })
const value = Buffer.alloc(RECORD_BYTES, 'x')
const records: NewRecord[] = Array.from({ length: BATCH }, (_, n) => {
  return { partition: n % PARTITIONS, key: `order-${n}`, value, contentType: 'application/vnd.revwall.order' }
})

console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}, ${new Date().toISOString()}`)
await log.append('orders', records)
await measure(`records of ${RECORD_BYTES} bytes appended, ${BATCH} at a time`, async () => {
  for (let n = 0; n < BATCHES; n++) await log.append('orders', records)
  return BATCH * BATCHES
})
await measure('records read', () => readEverything(log))
await measure('appends of one record, one after the other', async () => {
  for (let n = 0; n < SINGLE_APPENDS; n++) await log.append('orders', records.slice(0, 1))
  return SINGLE_APPENDS
})
await measure('appends of one record, woken up for and read, one after the other', async () => {
  for (let n = 0; n < SINGLE_APPENDS; n++) {
    const { next } = await log.bounds('orders', 0)
    const woken = log.waitForRecords('orders', new Map([[0, next]]), 1_000)
    await log.append('orders', records.slice(0, 1))
    await woken
    await log.read('orders', 0, next, { maxRecords: 1, maxBytes: 1 })
  }
  return SINGLE_APPENDS
})
await log.close()

async function readEverything(from: EventLog): Promise<number> {
  let count = 0
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for (let at = 0; ; ) {
      const some = await from.read('orders', partition, at, { maxRecords: 5000, maxBytes: 16 * 1024 * 1024 })
      if (some.length === 0) break
      count += some.length
      at = some.at(-1)!.offset + 1
    }
  }
  return count
}

async function measure(what: string, work: () => Promise<number>): Promise<void> {
  const start = performance.now()
  const count = await work()
  const seconds = (performance.now() - start) / 1000
  console.log(`${Math.round(count / seconds).toLocaleString('en')} a second: ${what}`)
}
